import { pluralize } from "../../lib/pluralize.ts";
import type { InstanceLog, TestFailure, TestResult } from "../../model/tests.ts";
import { codeFrame, formatPlace } from "../output/code-frame.ts";
import { formatSeconds } from "../output/duration.ts";
import { sanitizeForTerminal, sanitizeLine } from "../output/sanitize.ts";
import { paint, terminalWidth, type TextStyle } from "../output/style.ts";
import { symbols } from "../output/symbols.ts";

/** The line of a test that has ended and, if it has failed, everything about that. */
export function formatTestResult(result: TestResult): string {
  const { name, status, milliseconds, failure } = result;
  const { done, failed, dots } = symbols();
  const title = sanitizeLine(name);
  if (status === "skipped") return dim(`${dots} ${title}  skipped`);
  const time = dim(formatSeconds(milliseconds / 1000));
  if (!failure) return `${colour("green", done)} ${title}  ${time}`;
  const lines = failureLines(failure).map((line) => (line === "" ? "" : `  ${line}`));
  return [`${colour("red", failed)} ${title}  ${time}`, ...lines, ""].join("\n");
}

function failureLines({ message, at, hint, output, logs }: TestFailure): string[] {
  const [line, caret] = at ? codeFrame(at, terminalWidth("stdout") - 4) : [];
  return [
    ...(at ? [formatPlace(at)] : []),
    ...(line === undefined ? [] : [line]),
    ...(caret === undefined ? [] : [colour("red", caret)]),
    ...sanitizeForTerminal(message).trim().split("\n").map(paintDifference),
    ...(hint === undefined ? [] : sanitizeForTerminal(hint).split("\n").map(dim)),
    ...output.map(quoted),
    ...logs.flatMap(logLines),
  ];
}

/** As a difference marks them: what was expected, and what came instead. */
function paintDifference(line: string): string {
  if (line.startsWith("- ")) return colour("green", line);
  return line.startsWith("+ ") ? colour("red", line) : line;
}

function logLines({ host, lines }: InstanceLog): string[] {
  const title = sanitizeLine(host);
  if (lines.length === 0) return [dim(`${title} has printed nothing`)];
  return [dim(`${title} has printed, at the end:`), ...lines.map(quoted)];
}

function quoted(line: string): string {
  return `${dim("|")} ${sanitizeForTerminal(line)}`;
}

/** "3 tests: 1 failed, 2 passed in 4.2s" */
export function formatTestSummary(results: readonly TestResult[], milliseconds: number): string {
  const parts = (["failed", "passed", "skipped"] as const).flatMap((status) => {
    const { length } = results.filter((result) => result.status === status);
    return length === 0 ? [] : [paintCount(status, `${length} ${status}`)];
  });
  const total = pluralize(results.length, "test");
  return `${total}: ${parts.join(", ")} in ${formatSeconds(milliseconds / 1000)}`;
}

function paintCount(status: TestResult["status"], text: string): string {
  if (status === "skipped") return text;
  return colour(status === "failed" ? "red" : "green", text);
}

/** A result in the document of `json`. */
export function testToJson({ name, at, status, milliseconds, failure }: TestResult): object {
  return {
    name,
    status,
    milliseconds,
    at,
    ...(failure && { failure: { ...failure, hint: failure.hint ?? null, at: failure.at ?? null } }),
  };
}

function colour(style: TextStyle, text: string): string {
  return paint(style, text, "stdout");
}

function dim(text: string): string {
  return colour("dim", text);
}
