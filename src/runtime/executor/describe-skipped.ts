import { summarizeList } from "../../lib/summarize-list.ts";
import { isBringUp, type Step } from "../../model/steps.ts";

type Outcome = "never started" | "not replaced" | "not restarted" | "running as before";

/** Lists the instances that a call did not get to. One that was to be replaced runs on in its former version. */
export function describeSkipped(skipped: readonly Step[]): string[] {
  const instances = skipped.filter(isBringUp);
  const headings: readonly Outcome[] = [
    "never started",
    "not replaced",
    "not restarted",
    "running as before",
  ];
  return headings.flatMap((heading) => {
    const titles = instances
      .filter((step) => outcomeOf(step) === heading)
      .map(({ title }) => title);
    return titles.length === 0 ? [] : `${heading}: ${summarizeList(titles, 12)}`;
  });
}

function outcomeOf(step: Step): Outcome {
  if (step.kind === "await-instance") return "running as before";
  if (step.kind === "restart-instance") return "not restarted";
  const isReplacement =
    step.kind === "start-instance" && (step.predecessor ?? step.removes) !== undefined;
  return isReplacement ? "not replaced" : "never started";
}
