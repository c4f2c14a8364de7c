import type { Finding } from "../../runtime/doctor/finding.ts";
import { sanitizeForTerminal } from "../output/sanitize.ts";
import { isTerminal, paint, symbols, terminalWidth } from "../output/style.ts";
import { wrapText } from "../output/wrap.ts";

/** A finding, and what was done about it. */
export interface Diagnosed extends Finding {
  /** What the fix has done. */
  readonly mended?: string | undefined;
}

const colours = { ok: "green", warning: "yellow", bad: "red" } as const;

/** A line for each finding, what mends it below. */
export function formatFindings(findings: readonly Diagnosed[]): string {
  const longest = Math.max(...findings.map(({ check }) => check.length));
  return findings.flatMap((finding) => formatFinding(finding, longest)).join("\n");
}

function formatFinding(
  { check, state, message, remedy: mend, mended }: Diagnosed,
  longest: number,
): string[] {
  const { done, failed } = symbols();
  const mark = { ok: done, warning: "!", bad: failed }[state];
  const indent = longest + 4;
  const room = isTerminal("stdout") ? terminalWidth("stdout") - indent : Infinity;
  const [first = "", ...more] = wrapText(sanitizeForTerminal(message), room);
  const remedy = mended === undefined ? mend : `mended: ${mended}`;
  return [
    `${paint(colours[state], mark, "stdout")} ${check.padEnd(longest)}  ${first}`,
    ...more.map((line) => " ".repeat(indent) + line),
    // As it is: a command is there to be copied.
    ...(remedy === undefined
      ? []
      : sanitizeForTerminal(remedy)
          .split("\n")
          .map((line) => paint("dim", " ".repeat(indent) + line, "stdout"))),
  ];
}

/** How many of each, and how many could be mended, unless that was just tried. */
export function summarizeFindings(findings: readonly Diagnosed[], isTried: boolean): string {
  const [bad, warnings] = (["bad", "warning"] as const).map(
    (state) => findings.filter((one) => one.state === state).length,
  );
  const counts = [
    ...(bad ? [`${bad} bad`] : []),
    ...(warnings ? [`${warnings} ${warnings === 1 ? "warning" : "warnings"}`] : []),
  ];
  if (counts.length === 0) return "all is well";
  const fixable = findings.filter(({ state, fix }) => state !== "ok" && fix).length;
  const more = fixable > 0 && !isTried ? `; reyns doctor fix=true mends ${fixable} of them` : "";
  return `${counts.join(", ")}${more}`;
}

export function findingsToJson(findings: readonly Diagnosed[]): unknown {
  const states = new Set(findings.map(({ state }) => state));
  const worst = (["bad", "warning"] as const).find((state) => states.has(state)) ?? "ok";
  return {
    state: worst,
    checks: findings.map(({ check, state, message, remedy: mend, mended, fix }) => ({
      check,
      state,
      message,
      mend: state === "ok" ? null : (mend ?? null),
      fixable: state !== "ok" && fix !== undefined,
      mended: mended ?? null,
    })),
  };
}
