import { createConsola, LogLevels, type LogObject, type LogType } from "consola/core";
import { shellQuote } from "../../lib/shell-quote.ts";
import { printToStderr } from "./print.ts";
import { sanitizeForTerminal } from "./sanitize.ts";
import { paint } from "./style.ts";
import { wrapMessage } from "./wrap.ts";

/**
 * Everything except results, on standard error: notes (`info`), warnings, errors, and with `LOG_LEVEL=DEBUG` each
 * request to the Engine. The first argument is the message, the others are lines that stand below it.
 */
export const log = createConsola({
  level: process.env["LOG_LEVEL"]?.toUpperCase() === "DEBUG" ? LogLevels.debug : LogLevels.info,
  reporters: [{ log: report }],
  // Every line counts, also when it is the same as the one before.
  throttle: 0,
});

const marks: { readonly [Type in LogType]?: { word: string; colour: "yellow" | "red" | "dim" } } = {
  warn: { word: "warning", colour: "yellow" },
  error: { word: "error", colour: "red" },
  debug: { word: "debug", colour: "dim" },
};

function report({ type, args }: LogObject): void {
  const lines = args.map(String).map(withCallOptions);
  const mark = marks[type];
  printToStderr(mark ? marked(mark, lines) : lines.map(wrapNote).join("\n"));
}

/** "warning " and the message, everything else indented below it. */
function marked(
  { word, colour }: { word: string; colour: "yellow" | "red" | "dim" },
  [message = "", ...below]: readonly string[],
): string {
  const indent = word.length + 1;
  const text = wrapMessage(sanitizeForTerminal(message), indent);
  // A name or a value with a newline must not begin a line of its own.
  const lines = [text, ...below].flatMap((part) => part.split("\n"));
  const [first = "", ...others] = lines.map((line) => line.trimEnd());
  const margin = " ".repeat(indent);
  return [
    `${paint(colour, word, "stderr")} ${first}`,
    ...others.map((line) => (line.startsWith(margin) ? line : margin + line).trimEnd()),
  ].join("\n");
}

function wrapNote(text: string): string {
  return text
    .split("\n")
    .map((line) => wrapMessage(line, 2))
    .join("\n");
}

let callOptions = "";

/** The options before the command that choose the project: calls in messages are shown with them from now on. */
export function setCallOptions(options: readonly string[]): void {
  callOptions = options.map((option) => `${shellQuote(option)} `).join("");
}

/** Commands that are about the project, as they stand in messages. */
const projectCalls =
  /\breyns (?=(?:build|check|clean|config|convert|copies|cp|dns|do|down|events|exec|graph|images|info|keys|kill|logs|nodes|pause|plan|port|ps|pull|push|receipts|rerun|restart|rm|rollback|routes|run|save|shell|ssh|start|stats|status|stop|test|top|unpause|up|volumes|wait)\b)/g;

/** A message with the options of this call in each call that it shows. */
export function withCallOptions(text: string): string {
  return callOptions === "" ? text : text.replaceAll(projectCalls, (call) => call + callOptions);
}

/** Shows only results and errors from now on. */
export function setQuiet(): void {
  log.level = LogLevels.error;
}

export function isQuiet(): boolean {
  return log.level <= LogLevels.error;
}
