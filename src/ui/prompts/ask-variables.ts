import { intro, log, password, select, text } from "@clack/prompts";
import { internalInterface, nameableInterfaces } from "../../model/docker-syntax.ts";
import { isIPv4 } from "../../lib/ip-address.ts";
import type { MissingVariable } from "../../plan/resolve/environment.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { answered } from "./prompts.ts";

/** Interface name -> its IPv4 address on this host. */
type Interfaces = Readonly<Record<string, string>>;

/**
 * Asks for every variable that has no value, each once, those of a service together.
 *
 * @throws ReynsError INTERRUPTED on Ctrl-C and Esc
 */
export async function askVariables(
  missing: readonly MissingVariable[],
  interfaces: Interfaces,
): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  const count = missing.length === 1 ? "one value" : `${missing.length} values`;
  intro(`Before anything starts: ${count} for this host`, { output: process.stderr });
  const byService = Map.groupBy(missing, ({ service }) => service);
  for (const [service, variables] of byService) {
    if (byService.size > 1) log.info(service, { output: process.stderr });
    for (const variable of variables)
      answers[variable.name] = await askVariable(variable, interfaces);
  }
  return answers;
}

async function askVariable(variable: MissingVariable, interfaces: Interfaces): Promise<string> {
  const wanted = `${variable.name}, for ${summarizeList(variable.hosts, 4)}`;
  const message =
    variable.description === undefined ? wanted : `${wanted}: ${variable.description}`;
  if (variable.secret)
    return answered(await password({ message, output: process.stderr, validate: notEmpty }));
  if (!variable.name.endsWith("_IP"))
    return answered(await text({ message, output: process.stderr, validate: notEmpty }));
  return askAddress(message, interfaces);
}

const another = "";

async function askAddress(message: string, interfaces: Interfaces): Promise<string> {
  const offered = Object.entries(interfaces).filter(([name]) => !internalInterface.test(name));
  const options = offered.map(([name, address]) => ({
    value: address,
    label: address,
    hint: `this host's ${name}`,
  }));
  const typed = { value: another, label: "another address" };
  const chosen =
    options.length === 0
      ? another
      : answered(await select({ message, options: [...options, typed], output: process.stderr }));
  if (chosen !== another) return chosen;
  const validate = (value: string | undefined): string | undefined =>
    addressProblem(value, interfaces);
  return answered(await text({ message, output: process.stderr, validate }));
}

function notEmpty(value: string | undefined): string | undefined {
  return value ? undefined : "it needs a value";
}

/** Why a text is no address; undefined when it is one, or stands for that of an interface. */
function addressProblem(value: string | undefined, interfaces: Interfaces): string | undefined {
  if (!value) return notEmpty(value);
  if (isIPv4(value)) return undefined;
  const name = /^from_(.+)$/.exec(value)?.[1];
  if (name === undefined) return `"${value}" is no IPv4 address; write it like 192.168.1.10`;
  if (Object.hasOwn(interfaces, name)) return undefined;
  const names = nameableInterfaces(interfaces).map(([key]) => key);
  return `this host has no interface "${name}"; there are: ${names.join(", ")}`;
}
