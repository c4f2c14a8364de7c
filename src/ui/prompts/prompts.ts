import { ReynsError } from "../../errors.ts";
import { sanitizeForTerminal, sanitizeLine } from "../output/sanitize.ts";

/** Prompts need a person: standard input and standard error have to be a terminal, and not that of a CI. */
export function canPrompt(yes: boolean): boolean {
  return !yes && process.stdin.isTTY && process.stderr.isTTY && !process.env["CI"];
}

/** Where prompts are shown. Some terminals, as in a CI, tell a width of 0, at which clack puts one character on a line. */
export function promptOutput(): NodeJS.WriteStream {
  const { stderr } = process;
  stderr.columns ||= 80;
  return stderr;
}

/** Loaded with the first prompt, as most calls have none. */
const clack = () => import("@clack/prompts");

/**
 * The answer to a prompt; clack gives a symbol when it was cancelled.
 *
 * @throws ReynsError INTERRUPTED on Ctrl-C and Esc
 */
export function requireAnswer<Value>(answer: Value): Exclude<Value, symbol> {
  if (typeof answer === "symbol")
    throw new ReynsError("INTERRUPTED", "cancelled; nothing was changed");
  return answer as Exclude<Value, symbol>;
}

export async function askYesNo(question: string, initialValue: boolean): Promise<boolean> {
  const { confirm } = await clack();
  const message = sanitizeForTerminal(question);
  return requireAnswer(await confirm({ message, output: promptOutput(), initialValue }));
}

/** Asks a question that is safe to answer with yes; assumes yes where it cannot ask. */
export async function askUnlessYes(question: string, yes: boolean): Promise<boolean> {
  return canPrompt(yes) ? askYesNo(question, true) : true;
}

interface Confirmation {
  readonly question: string;
  /** How to answer the question on the command line. */
  readonly hint: string;
  readonly yes: boolean;
}

/**
 * Continues only after an explicit yes.
 *
 * @throws ReynsError INTERRUPTED on a no and on Ctrl-C, ANSWER_NEEDED without a terminal
 */
export async function confirmOrCancel({ question, hint, yes }: Confirmation): Promise<void> {
  if (yes) return;
  if (!canPrompt(yes))
    throw new ReynsError("ANSWER_NEEDED", `cannot ask without a terminal: ${question}`, { hint });
  if (!(await askYesNo(question, false)))
    throw new ReynsError("INTERRUPTED", "cancelled; nothing was changed");
}

/** Asks for one of several instances. */
export async function chooseInstance<Instance extends { readonly host: string }>(
  instances: readonly Instance[],
): Promise<Instance> {
  const options = instances.map(({ host }, index) => ({ value: index, label: sanitizeLine(host) }));
  const { select } = await clack();
  const message = "Which instance?";
  const index = requireAnswer(await select({ message, options, output: promptOutput() }));
  const instance = instances[index];
  if (!instance) throw new ReynsError("INTERRUPTED", "nothing was chosen");
  return instance;
}

/** Asks for one of several names, each with its meaning. */
export async function chooseName<Name extends string>(
  question: string,
  meanings: Readonly<Record<Name, string>>,
): Promise<Name> {
  const options = Object.entries<string>(meanings).map(([name, meaning]) => ({
    value: name,
    label: sanitizeLine(`${name}: ${meaning}`),
  }));
  const { select } = await clack();
  const message = sanitizeForTerminal(question);
  return requireAnswer(await select({ message, options, output: promptOutput() })) as Name;
}
