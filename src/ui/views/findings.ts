import { pluralize } from "../../lib/pluralize.ts";
import type { Finding } from "../../runtime/doctor/finding.ts";
import { sanitizeForTerminal } from "../output/sanitize.ts";
import { isTerminal, paint, terminalWidth } from "../output/style.ts";
import { symbols } from "../output/symbols.ts";
import { wrapText } from "../output/wrap.ts";

/** A finding, and the result of its fix. */
export interface Diagnosed extends Finding {
  /** Set when it was fixed: what was done. */
  readonly fixed?: string | undefined;
}

const colours = { ok: "green", warning: "yellow", bad: "red" } as const;

/** A line for each finding, its remedy below. */
export function formatFindings(findings: readonly Diagnosed[]): string {
  const longest = Math.max(...findings.map((finding) => subjectOf(finding).length));
  return findings.flatMap((finding) => formatFinding(finding, longest)).join("\n");
}

/** "engine", "node1: engine" */
function subjectOf({ check, node }: Finding): string {
  return node === undefined ? check : `${node}: ${check}`;
}

function formatFinding(finding: Diagnosed, longest: number): string[] {
  const { state, message, remedy, fixed } = finding;
  const { done, failed } = symbols();
  const mark = { ok: done, warning: "!", bad: failed }[state];
  const indent = " ".repeat(longest + 4);
  const width = isTerminal("stdout") ? terminalWidth("stdout") - indent.length : Infinity;
  const [first = "", ...more] = wrapText(sanitizeForTerminal(message), width);
  const advice = fixed === undefined ? remedy : `fixed: ${fixed}`;
  // Not wrapped: a command is there to be copied.
  const below = advice === undefined ? [] : sanitizeForTerminal(advice).split("\n");
  return [
    `${paint(colours[state], mark, "stdout")} ${subjectOf(finding).padEnd(longest)}  ${first}`,
    ...more.map((line) => indent + line),
    ...below.map((line) => paint("dim", indent + line, "stdout")),
  ];
}

const nouns = [
  ["bad", "problem"],
  ["warning", "warning"],
] as const;

/** @param isTried whether the fixes were tried already, so that they are not suggested again */
export function summarizeFindings(findings: readonly Diagnosed[], isTried: boolean): string {
  const countOf = (wanted: Finding["state"]): number =>
    findings.filter(({ state }) => state === wanted).length;
  const found = nouns
    .filter(([state]) => countOf(state) > 0)
    .map(([state, noun]) => pluralize(countOf(state), noun))
    .join(", ");
  if (found === "") return "all is well";
  const fixable = findings.filter(({ state, fix }) => state !== "ok" && fix).length;
  return fixable > 0 && !isTried
    ? `${found}; reyns doctor fix=true fixes ${fixable} of them`
    : found;
}

export function findingsToJson(findings: readonly Diagnosed[]): unknown {
  const states = new Set(findings.map(({ state }) => state));
  const worst = (["bad", "warning"] as const).find((state) => states.has(state)) ?? "ok";
  return {
    state: worst,
    checks: findings.map(({ check, node, state, message, remedy, fixed, fix }) => ({
      check,
      ...(node !== undefined && { node }),
      state,
      message,
      remedy: state === "ok" ? null : (remedy ?? null),
      fixable: state !== "ok" && fix !== undefined,
      fixed: fixed ?? null,
    })),
  };
}
