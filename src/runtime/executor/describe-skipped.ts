import { summarizeList } from "../../lib/summarize-list.ts";
import { isBringUp, type Step } from "../../model/steps.ts";

/** Lists the instances that a call did not get to. One that was to be replaced runs on in its former version. */
export function describeSkipped(skipped: readonly Step[]): string[] {
  const instances = skipped.filter(isBringUp);
  const isReplacement = (step: Step): boolean =>
    step.kind === "start-instance" && step.predecessor !== undefined;
  return [
    { heading: "never started", steps: instances.filter((step) => !isReplacement(step)) },
    { heading: "not replaced", steps: instances.filter(isReplacement) },
  ]
    .filter(({ steps }) => steps.length > 0)
    .map(({ heading, steps }) => {
      const titles = steps.map(({ title }) => title);
      return `${heading}: ${summarizeList(titles, 12)}`;
    });
}
