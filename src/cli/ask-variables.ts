import { isIPv4 } from "node:net";
import { relative } from "node:path";
import { intro, log, password, select, text } from "@clack/prompts";
import { innerInterface, nameableInterfaces } from "../docker-words.ts";
import { ReynsError, type Place } from "../errors.ts";
import type { MissingVariable } from "../plan/environment.ts";
import { someOf } from "../some-of.ts";
import { agreed, answered } from "./questions.ts";

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

/** Whether the answers shall be kept in `host.conf`, with what that means for the secret ones. */
export function wantsToKeep(missing: readonly MissingVariable[], yes: boolean): Promise<boolean> {
  const secrets = missing.filter(({ secret }) => secret).map(({ name }) => name);
  const plain =
    secrets.length === 0
      ? ""
      : `\n${secrets.join(", ")} will stand there as plain text, for this user's eyes only (mode 0600).`;
  const question = `Keep these answers for this host, in host.conf?${plain}`;
  return agreed(question, yes);
}

async function askVariable(variable: MissingVariable, interfaces: Interfaces): Promise<string> {
  const wanted = `${variable.name}, for ${someOf(variable.hosts, 4)}`;
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
  const offered = Object.entries(interfaces).filter(([name]) => !innerInterface.test(name));
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

/** What to say where nobody can be asked: everything that is missing, at once, with the ways to give it. */
export function missingVariables(missing: readonly MissingVariable[]): ReynsError[] {
  return missing.map(({ name, hosts, description, at }) => {
    const wanted = `${someOf(hosts, 4)} ${hosts.length === 1 ? "needs" : "need"} it`;
    const why = description === undefined ? "" : `: ${description}`;
    const ways = [
      `in the environment (${name}=… reyns …)`,
      `in host.conf ({"${name}": "…"})`,
      ...(at.line === undefined ? [] : [`where it is defined (${placeText(at)})`]),
    ];
    return new ReynsError("MISSING_VARIABLE", `${name} has no value; ${wanted}${why}`, {
      hint: `give it ${ways.slice(0, -1).join(", ")}, or ${ways.at(-1)}`,
    });
  });
}

function placeText({ file, line }: Place): string {
  return `${relative(process.cwd(), file)}:${line}`;
}
