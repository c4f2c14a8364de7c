import { isIPv4 } from "node:net";
import { type CANCEL_SYMBOL, confirm, isCancel, password, select, text } from "@clack/prompts";
import { ReynsError } from "../errors.ts";
import type { MissingVariable } from "../plan/environment.ts";

/** Questions are asked only of a person: both ends have to be a terminal. */
export function canAsk(yes: boolean): boolean {
  return !yes && process.stdin.isTTY && process.stderr.isTTY && !process.env["CI"];
}

function answered<Value>(answer: Value): Exclude<Value, typeof CANCEL_SYMBOL> {
  if (isCancel(answer)) throw new ReynsError("INTERRUPTED", "cancelled; nothing was changed");
  return answer as Exclude<Value, typeof CANCEL_SYMBOL>;
}

interface Confirmation {
  readonly question: string;
  /** The answer without a terminal; undefined when there is no safe one. */
  readonly otherwise: boolean | undefined;
  /** What answers the question on the command line. */
  readonly hint: string;
  readonly yes: boolean;
}

/** @throws ReynsError ANSWER_NEEDED without a terminal, INTERRUPTED on Ctrl-C */
export async function confirmed({
  question,
  otherwise,
  hint,
  yes,
}: Confirmation): Promise<boolean> {
  if (canAsk(yes))
    return answered(
      await confirm({
        message: question,
        output: process.stderr,
        initialValue: otherwise ?? false,
      }),
    );
  if (otherwise !== undefined) return otherwise;
  throw new ReynsError("ANSWER_NEEDED", `${question} Nobody is here to answer`, { hint });
}

/** Asks which one of several is meant. */
export async function chooseAmong<Item extends { readonly host: string }>(
  question: string,
  items: readonly Item[],
): Promise<Item> {
  const options = items.map((item, index) => ({ value: index, label: item.host }));
  const index = answered(await select({ message: question, options, output: process.stderr }));
  const item = items[index];
  if (!item) throw new ReynsError("INTERRUPTED", "nothing was chosen");
  return item;
}

type Interfaces = Readonly<Record<string, string>>;

/** Asks for every variable that has no value. */
export async function askVariables(
  missing: readonly MissingVariable[],
  interfaces: Interfaces,
): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const variable of missing) answers[variable.name] = await askVariable(variable, interfaces);
  return answers;
}

async function askVariable(variable: MissingVariable, interfaces: Interfaces): Promise<string> {
  const wanted = `${variable.name}, for ${variable.hosts.join(", ")}`;
  const message =
    variable.description === undefined ? wanted : `${wanted}: ${variable.description}`;
  if (variable.secret)
    return answered(await password({ message, output: process.stderr, validate: notEmpty }));
  if (!variable.name.endsWith("_IP"))
    return answered(await text({ message, output: process.stderr, validate: notEmpty }));
  return askAddress(message, interfaces);
}

const another = "";

/** Loopback, and what Docker makes: no address that another machine could reach. */
const innerInterface = /^(lo\d*|docker\d+|br-[0-9a-f]{12}|veth.*)$/;

async function askAddress(message: string, interfaces: Interfaces): Promise<string> {
  const offered = Object.entries(interfaces).filter(([name]) => !innerInterface.test(name));
  const options = offered.map(([name, address]) => ({
    value: address,
    label: address,
    hint: name,
  }));
  const chosen = answered(
    await select({
      message,
      options: [...options, { value: another, label: "another address" }],
      output: process.stderr,
    }),
  );
  if (chosen !== another) return chosen;
  const validate = (value: string | undefined): string | undefined =>
    isIPv4(value ?? "") ? undefined : "an IPv4 address, for example 192.168.1.10";
  return answered(await text({ message, output: process.stderr, validate }));
}

function notEmpty(value: string | undefined): string | undefined {
  return value ? undefined : "it needs a value";
}

/** What to say where nobody can be asked: everything that is missing, at once. */
export function missingVariables(missing: readonly MissingVariable[]): ReynsError[] {
  return missing.map(
    ({ name, hosts, description }) =>
      new ReynsError(
        "MISSING_VARIABLE",
        `${name} has no value; ${hosts.join(", ")} ${hosts.length === 1 ? "needs" : "need"} it${description === undefined ? "" : `: ${description}`}`,
        {
          hint: `give it in the environment (${name}=… reyns …) or in host.conf ({"${name}": "…"})`,
        },
      ),
  );
}
