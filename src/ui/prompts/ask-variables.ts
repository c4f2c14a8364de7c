import { intro, log, password, select, text } from "@clack/prompts";
import { internalInterface, nameableInterfaces } from "../../model/docker-syntax.ts";
import { isIPv4 } from "node:net";
import type { MissingVariable } from "../../plan/resolve/environment.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { sanitizeLine } from "../output/sanitize.ts";
import { promptOutput, requireAnswer } from "./prompts.ts";

/** Interface name -> its IPv4 address on this host. */
type InterfaceAddresses = Readonly<Record<string, string>>;

const output = promptOutput();

/**
 * Asks for every variable that has no value, each once, those of a service together.
 *
 * @throws ReynsError INTERRUPTED on Ctrl-C and Esc
 */
export async function askVariables(
  missing: readonly MissingVariable[],
  interfaces: InterfaceAddresses,
): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  const count = missing.length === 1 ? "one value" : `${missing.length} values`;
  intro(`Before anything starts: ${count} for this host`, { output });
  const byService = Map.groupBy(missing, ({ service }) => service);
  for (const [service, variables] of byService) {
    if (byService.size > 1) log.info(sanitizeLine(service), { output });
    for (const variable of variables)
      answers[variable.name] = await askVariable(variable, interfaces);
  }
  return answers;
}

async function askVariable(
  { name, hosts, description, secret }: MissingVariable,
  interfaces: InterfaceAddresses,
): Promise<string> {
  const subject = `${name}, for ${summarizeList(hosts, 4)}`;
  const message = sanitizeLine(description === undefined ? subject : `${subject}: ${description}`);
  if (secret) return requireAnswer(await password({ message, output, validate: requireText }));
  if (name.endsWith("_IP")) return askAddress(message, interfaces);
  return requireAnswer(await text({ message, output, validate: requireText }));
}

/** Stands for an address that is typed, as no address is empty. */
const another = "";

async function askAddress(message: string, interfaces: InterfaceAddresses): Promise<string> {
  const options = Object.entries(interfaces)
    .filter(([name]) => !internalInterface.test(name))
    .map(([name, address]) => ({ value: address, label: address, hint: `this host's ${name}` }));
  if (options.length > 0) {
    const typed = { value: another, label: "another address" };
    const chosen = await select({ message, options: [...options, typed], output });
    if (chosen !== another) return requireAnswer(chosen);
  }
  const validate = (value: string | undefined): string | undefined =>
    addressProblem(value, interfaces);
  return requireAnswer(await text({ message, output, validate }));
}

function requireText(value: string | undefined): string | undefined {
  return value ? undefined : "a value is required";
}

/** Why a text is not an address; undefined when it is one, or stands for that of an interface. */
function addressProblem(
  value: string | undefined,
  interfaces: InterfaceAddresses,
): string | undefined {
  if (!value) return requireText(value);
  if (isIPv4(value)) return undefined;
  const name = /^from_(.+)$/.exec(value)?.[1];
  if (name === undefined) return `"${value}" is not an IPv4 address; write it like 192.168.1.10`;
  if (Object.hasOwn(interfaces, name)) return undefined;
  const names = nameableInterfaces(interfaces).map(([known]) => known);
  return `this host has no interface "${name}"; available: ${names.join(", ")}`;
}
