import { ReynsError } from "../errors.ts";
import { placeOfCaller } from "./source-location.ts";

/** The function `question`: `choices` are completed by the tabulator key. */
export type Question = (
  query?: string,
  options?: { readonly choices?: readonly string[] },
) => Promise<string>;

/** The `question` of one file, whose faults are placed in it. */
export function questionFrom(file: string): Question {
  return async (query = "", { choices } = {}) => {
    const at = placeOfCaller(file);
    // Both are loaded when something is asked, as they take a while.
    const { isatty } = process.getBuiltinModule("node:tty");
    const asked = query.trim() === "" ? "a question" : `the question "${query.trim()}"`;
    if (!isatty(0) || !isatty(2) || process.env["CI"]) {
      const hint = "run it on a terminal, or take the value from process.env or a task's args";
      const message = `${asked} needs an answer, and nobody is here to give it`;
      throw new ReynsError("ANSWER_NEEDED", message, { hint, at });
    }
    return ask(query, choices ?? []);
  };
}

async function ask(query: string, choices: readonly string[]): Promise<string> {
  const { createInterface } = process.getBuiltinModule("node:readline/promises");
  const gone = new AbortController();
  const lines = createInterface({
    input: process.stdin,
    // oxlint-disable-next-line no-restricted-properties -- the question is the user's, and no result
    output: process.stderr,
    completer: (line: string): [string[], string] => {
      const hits = choices.filter((choice) => choice.startsWith(line));
      return [hits.length > 0 ? hits : [...choices], line];
    },
  });
  lines.once("SIGINT", () => gone.abort());
  // Ctrl-D, or a terminal that is gone.
  lines.once("close", () => gone.abort());
  try {
    return await lines.question(query, { signal: gone.signal });
  } catch (cause) {
    throw gone.signal.aborted ? new ReynsError("INTERRUPTED", "cancelled", { cause }) : cause;
  } finally {
    lines.close();
  }
}
