import { createInterface } from "node:readline/promises";
import { isatty } from "node:tty";
import { ReynsError } from "../errors.ts";
import { placeOfCaller } from "./source-location.ts";

/** The function `question`; the Tab key completes the `choices`. */
export type QuestionFunction = (
  query?: string,
  options?: { readonly choices?: readonly string[] },
) => Promise<string>;

/** The `question` of one file; its errors are located in it. */
export function createQuestion(file: string): QuestionFunction {
  return async (query = "", { choices } = {}) => {
    const at = placeOfCaller(file);
    const subject = query.trim() === "" ? "a question" : `"${query.trim()}"`;
    if (!isatty(0) || !isatty(2) || process.env["CI"]) {
      const hint = "run it on a terminal, or read the value from process.env or a task's args";
      const message = `cannot ask ${subject}: there is no terminal`;
      throw new ReynsError("ANSWER_NEEDED", message, { hint, at });
    }
    return ask(query, choices ?? []);
  };
}

async function ask(query: string, choices: readonly string[]): Promise<string> {
  const cancelled = new AbortController();
  const lines = createInterface({
    input: process.stdin,
    // oxlint-disable-next-line no-restricted-properties -- a prompt is not part of the result
    output: process.stderr,
    completer: (line: string): [string[], string] => {
      const hits = choices.filter((choice) => choice.startsWith(line));
      return [hits.length > 0 ? hits : [...choices], line];
    },
  });
  lines.once("SIGINT", () => cancelled.abort());
  // Ctrl-D, or the terminal was closed.
  lines.once("close", () => cancelled.abort());
  try {
    return await lines.question(query, { signal: cancelled.signal });
  } catch (cause) {
    throw cancelled.signal.aborted ? new ReynsError("INTERRUPTED", "cancelled", { cause }) : cause;
  } finally {
    lines.close();
  }
}
