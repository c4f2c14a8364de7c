import { relative } from "node:path";
import type { InstanceLog, TestFailure, TestResult } from "../../model/tests.ts";
import { formatPlace } from "../output/code-frame.ts";

/** A run of the tests of a project. */
export interface JUnitRun {
  readonly project: string;
  /** Of the project; the files in the report are relative to it. */
  readonly folder: string;
  readonly startedAt: Date;
  readonly milliseconds: number;
  readonly results: readonly TestResult[];
}

/**
 * A report in the XML of JUnit, as CI systems read it.
 *
 * @see https://github.com/testmoapp/junitxml
 */
export function formatJUnit(run: JUnitRun): string {
  const { project, startedAt, milliseconds, results } = run;
  const count = (status: TestResult["status"]): number =>
    results.filter((result) => result.status === status).length;
  const totals = {
    tests: results.length,
    failures: count("failed"),
    errors: 0,
    skipped: count("skipped"),
    time: seconds(milliseconds),
  };
  const suite = { name: project, timestamp: startedAt.toISOString().slice(0, 19), ...totals };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: "reyns test", ...totals })}>`,
    `  <testsuite${attributes(suite)}>`,
    ...results.map((result) => testCase(result, run)),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(
  { name, at, status, milliseconds, failure }: TestResult,
  { project, folder }: JUnitRun,
): string {
  const file = relative(folder, at.file);
  const time = seconds(milliseconds);
  const open = `    <testcase${attributes({ name, classname: project, file, line: at.line, time })}`;
  if (status === "skipped") return `${open}>\n      <skipped/>\n    </testcase>`;
  if (!failure) return `${open}/>`;
  const [summary = ""] = failure.message.split("\n");
  const logs = failure.logs.flatMap(logLines).join("\n");
  return [
    `${open}>`,
    `      <failure${attributes({ message: summary, type: "failed" })}>${text(details(failure))}</failure>`,
    ...(logs === "" ? [] : [`      <system-out>${text(logs)}</system-out>`]),
    "    </testcase>",
  ].join("\n");
}

function details({ message, at, hint, output }: TestFailure): string {
  return [
    message.trim(),
    ...(at ? [formatPlace(at)] : []),
    ...(hint ? [hint] : []),
    ...output,
  ].join("\n");
}

function logLines({ host, lines }: InstanceLog): string[] {
  return lines.map((line) => `${host} | ${line}`);
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

function attributes(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values)
    .flatMap(([name, value]) =>
      value === undefined ? [] : [` ${name}="${escape(String(value))}"`],
    )
    .join("");
}

function text(value: string): string {
  return escape(Bun.stripANSI(value), /[&<>]/g);
}

/** Characters that XML 1.0 forbids, even escaped: controls, halves of surrogate pairs, U+FFFE and U+FFFF. */
const forbidden = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
  "\r": "&#13;",
  "\t": "&#9;",
};

function escape(value: string, special = /[&<>"\n\r\t]/g): string {
  return value.replace(forbidden, "\uFFFD").replace(special, (each) => escapes[each] ?? each);
}
