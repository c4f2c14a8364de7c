import { throwAll, type ReynsError } from "../../errors.ts";
import type { Step } from "../../model/steps.ts";
import type { RuntimeContext } from "../context.ts";
import { createExecution, type Execution, type StepResult } from "./execution.ts";
import { explainFailures } from "./explain-failures.ts";
import { createInterruptedError, runningSteps } from "./interruption.ts";
import { runInSlot } from "./run-in-slot.ts";
import { settleTogether } from "./together.ts";

/**
 * Runs the steps, each as soon as the steps that it depends on are done, several at the same time. After a failure no
 * new step begins, and running ones are completed. After an interruption they have one second for that; one that has
 * stopped a container has the time to start it, or its successor.
 *
 * @throws ReynsErrors with every failure; INTERRUPTED with what exists now
 */
export async function executeSteps(steps: readonly Step[], context: RuntimeContext): Promise<void> {
  const execution = createExecution(context);
  const resultOf = runInOrder(steps, (step, before) => runInSlot(step, before, execution));
  const results = Promise.all(steps.map(({ id }) => resultOf(id)));
  await Promise.all([results, settleTogether(steps, resultOf, execution)]);
  const { failures, defects, progress } = execution;
  if (context.signal.aborted) throwAll(await interruptionErrors(execution, steps));
  if (defects.length > 0) throw defects[0];
  throwAll(explainFailures(failures, progress.skipped, steps));
}

/** Runs each step once, after those that it names; a name that is not in the list counts as done. */
function runInOrder(
  steps: readonly Step[],
  run: (step: Step, before: readonly StepResult[]) => Promise<StepResult>,
): (id: string) => Promise<StepResult> {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const results = new Map<string, Promise<StepResult>>();
  const resultOf = (id: string): Promise<StepResult> => {
    const step = byId.get(id);
    if (!step) return Promise.resolve("done");
    const result =
      results.get(id) ??
      Promise.all(step.after.map((other) => resultOf(other))).then((before) => run(step, before));
    results.set(id, result);
    return result;
  };
  return resultOf;
}

/** Steps that were cut short by the interruption did not fail on their own. */
async function interruptionErrors(
  { failures, progress, context }: Execution,
  steps: readonly Step[],
): Promise<ReynsError[]> {
  const ownFailures = failures.filter(({ error }) => error.code !== "INTERRUPTED");
  const failed = new Set(ownFailures.map(({ step }) => step));
  const { describeUnfinished } = await import("./unfinished.ts");
  const unfinished = await describeUnfinished(runningSteps(progress, failed), context);
  const interrupted = createInterruptedError(progress, failed, unfinished);
  return [...explainFailures(ownFailures, [], steps), interrupted];
}
