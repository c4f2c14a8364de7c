import type { Finding } from "../../runtime/doctor/finding.ts";
import { harmless } from "../output/sanitize.ts";
import { isTerminal, paint, symbols, widthOf } from "../output/style.ts";
import { wrapped } from "../output/wrap.ts";

/** A finding, and what was done about it. */
export interface Diagnosed extends Finding {
  /** What the fix has done. */
  readonly mended?: string | undefined;
}

const colours = { ok: "green", warning: "yellow", bad: "red" } as const;

/** A line for each finding, what mends it below. */
export function findingsText(findings: readonly Diagnosed[]): string {
  const longest = Math.max(...findings.map(({ check }) => check.length));
  return findings.flatMap((finding) => linesOf(finding, longest)).join("\n");
}

function linesOf({ check, state, message, mend, mended }: Diagnosed, longest: number): string[] {
  const { done, failed } = symbols();
  const mark = { ok: done, warning: "!", bad: failed }[state];
  const indent = longest + 4;
  const room = isTerminal("stdout") ? widthOf("stdout") - indent : Infinity;
  const [first = "", ...more] = wrapped(harmless(message), room);
  const remedy = mended === undefined ? mend : `mended: ${mended}`;
  return [
    `${paint(colours[state], mark, "stdout")} ${check.padEnd(longest)}  ${first}`,
    ...more.map((line) => " ".repeat(indent) + line),
    // As it is: a command is there to be copied.
    ...(remedy === undefined
      ? []
      : harmless(remedy)
          .split("\n")
          .map((line) => paint("dim", " ".repeat(indent) + line, "stdout"))),
  ];
}

/** How many of each, and how many could be mended, unless that was just tried. */
export function findingsSummary(findings: readonly Diagnosed[], isTried: boolean): string {
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

export function findingsJson(findings: readonly Diagnosed[]): unknown {
  const states = new Set(findings.map(({ state }) => state));
  const worst = (["bad", "warning"] as const).find((state) => states.has(state)) ?? "ok";
  return {
    state: worst,
    checks: findings.map(({ check, state, message, mend, mended, fix }) => ({
      check,
      state,
      message,
      mend: state === "ok" ? null : (mend ?? null),
      fixable: state !== "ok" && fix !== undefined,
      mended: mended ?? null,
    })),
  };
}
