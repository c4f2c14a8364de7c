import { ReynsError } from "../../errors.ts";
import { didYouMean } from "../../lib/suggest.ts";
import { signalForm, signalName, signalNumbers } from "../../model/docker-syntax.ts";

/**
 * The name of a signal.
 *
 * @example
 * parseSignal("hup") // "SIGHUP"
 * parseSignal("9") // "SIGKILL"
 * @throws ReynsError INVALID_VALUE
 */
export function parseSignal(text: string): string {
  const found = signalName(text);
  if (found !== undefined) return found;
  const wanted = text.toUpperCase().replace(/^(?!SIG)/, "SIG");
  throw new ReynsError("INVALID_VALUE", `signal is "${text}"`, {
    hint: didYouMean(wanted, Object.keys(signalNumbers())) ?? `accepted: ${signalForm}`,
  });
}
