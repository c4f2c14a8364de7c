import { type CANCEL_SYMBOL, confirm, isCancel, select } from "@clack/prompts";
import { ReynsError } from "../errors.ts";

/** Questions are asked only of a person: both ends have to be a terminal. */
export function canAsk(yes: boolean): boolean {
  return !yes && process.stdin.isTTY && process.stderr.isTTY && !process.env["CI"];
}

/**
 * What a person has answered.
 *
 * @throws ReynsError INTERRUPTED on Ctrl-C and Esc
 */
export function answered<Value>(answer: Value): Exclude<Value, typeof CANCEL_SYMBOL> {
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

/** Asks for one of several names, each with what it stands for. */
export async function chooseNamed<Name extends string>(
  question: string,
  names: Readonly<Record<Name, string>>,
): Promise<Name> {
  const options = Object.entries<string>(names).map(([name, hint]) => ({
    value: name,
    label: `${name}: ${hint}`,
  }));
  return answered(await select({ message: question, options, output: process.stderr })) as Name;
}
