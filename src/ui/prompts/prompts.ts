import { ReynsError } from "../../errors.ts";

/** Questions are asked only of a person: both ends have to be a terminal. */
export function canAsk(yes: boolean): boolean {
  return !yes && process.stdin.isTTY && process.stderr.isTTY && !process.env["CI"];
}

/** Loaded when the first question is asked: most calls ask none. */
const prompts = () => import("@clack/prompts");

/**
 * What a person has answered; a symbol instead says that they would not.
 *
 * @throws ReynsError INTERRUPTED on Ctrl-C and Esc
 */
export function answered<Value>(answer: Value): Exclude<Value, symbol> {
  if (typeof answer === "symbol")
    throw new ReynsError("INTERRUPTED", "cancelled; nothing was changed");
  return answer as Exclude<Value, symbol>;
}

export async function isConfirmed(message: string, initialValue: boolean): Promise<boolean> {
  const { confirm } = await prompts();
  return answered(await confirm({ message, output: process.stderr, initialValue }));
}

/** A question that is safe to be answered by yes, and is where nobody can. */
export async function agreed(question: string, yes: boolean): Promise<boolean> {
  return canAsk(yes) ? isConfirmed(question, true) : true;
}

interface Confirmation {
  readonly question: string;
  /** What answers the question on the command line. */
  readonly hint: string;
  readonly yes: boolean;
}

/**
 * Goes on only with a yes, which nobody but the caller can give.
 *
 * @throws ReynsError INTERRUPTED on a no and on Ctrl-C, ANSWER_NEEDED without a terminal
 */
export async function confirmOrCancel({ question, hint, yes }: Confirmation): Promise<void> {
  if (yes) return;
  if (!canAsk(yes))
    throw new ReynsError("ANSWER_NEEDED", `${question} Nobody is here to answer`, { hint });
  if (!(await isConfirmed(question, false)))
    throw new ReynsError("INTERRUPTED", "cancelled; nothing was changed");
}

/** Asks which one of several is meant. */
export async function chooseAmong<Item extends { readonly host: string }>(
  question: string,
  items: readonly Item[],
): Promise<Item> {
  const options = items.map((item, index) => ({ value: index, label: item.host }));
  const { select } = await prompts();
  const index = answered(await select({ message: question, options, output: process.stderr }));
  const item = items[index];
  if (!item) throw new ReynsError("INTERRUPTED", "nothing was chosen");
  return item;
}

/** Asks for one of several names, each with what it stands for. */
export async function chooseNamed<Name extends string>(
  question: string,
  names: Readonly<Record<Name, string>>,
): Promise<Name> {
  const options = Object.entries<string>(names).map(([name, hint]) => ({
    value: name,
    label: `${name}: ${hint}`,
  }));
  const { select } = await prompts();
  return answered(await select({ message: question, options, output: process.stderr })) as Name;
}
