import { constants } from "node:os";
import { ReynsError } from "../../errors.ts";
import { didYouMean } from "../../lib/suggest.ts";

const accepted = "accepted: a name such as HUP, SIGTERM or USR1, or a number such as 9";

const numbers: Readonly<Record<string, number>> = constants.signals;

/**
 * The name of a signal.
 *
 * @example
 * parseSignal("hup") // "SIGHUP"
 * parseSignal("9") // "SIGKILL"
 * @throws ReynsError INVALID_VALUE
 */
export function parseSignal(text: string): string {
  const wanted = text.toUpperCase();
  const found = Object.entries(numbers).find(
    ([name, number]) => name === wanted || name === `SIG${wanted}` || String(number) === text,
  );
  if (found) return found[0];
  throw new ReynsError("INVALID_VALUE", `signal is "${text}"`, {
    hint: didYouMean(wanted.replace(/^(?!SIG)/, "SIG"), Object.keys(numbers)) ?? accepted,
  });
}
