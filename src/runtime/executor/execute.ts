import { ReynsError, ReynsErrors, throwAll } from "../../errors.ts";
import type { Step } from "../../model/steps.ts";
import type { RuntimeContext, StepContext } from "../context.ts";
import { explainFailures, type StepFailure } from "./explain-failures.ts";
import { createInterruptedError, type RunProgress } from "./interruption.ts";
import { runStep } from "./run-step.ts";
import { createSlots, type TakeSlot } from "./slots.ts";

type Result = "done" | "failed" | "skipped";

interface Execution {
  readonly context: RuntimeContext;
  readonly progress: { readonly [Kind in keyof RunProgress]: Step[] };
  readonly failures: StepFailure[];
  /** Exceptions that are no ReynsError: defects. */
  readonly defects: unknown[];
  readonly takeSlot: TakeSlot;
  /** Rejects when an interruption leaves no more time. */
  readonly interrupted: Promise<never>;
}

/**
 * Runs the steps, each as soon as the steps that it depends on are done, several at the same time. After a failure no
 * new step begins, and running ones are completed. After an interruption they have one second for that.
 *
 * @throws ReynsErrors with every failure; INTERRUPTED with what exists now
 */
export async function executeSteps(steps: readonly Step[], context: RuntimeContext): Promise<void> {
  const execution = createExecution(context);
  const resultOf = runInOrder(steps, (step, before) => runInSlot(step, before, execution));
  await Promise.all(steps.map(({ id }) => resultOf(id)));
  const { failures, defects, progress } = execution;
  if (context.signal.aborted) throwAll(interruptionErrors(failures, progress, steps));
  if (defects.length > 0) throw defects[0];
  throwAll(explainFailures(failures, progress.skipped, steps));
}

function createExecution(context: RuntimeContext): Execution {
  return {
    context,
    progress: { done: [], broken: [], skipped: [], started: [] },
    failures: [],
    defects: [],
    takeSlot: createSlots(context.jobs),
    interrupted: rejectAfterInterruption(context.signal),
  };
}

/** Runs each step once, after those that it names; a name that is not in the list counts as done. */
function runInOrder(
  steps: readonly Step[],
  run: (step: Step, before: readonly Result[]) => Promise<Result>,
): (id: string) => Promise<Result> {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const results = new Map<string, Promise<Result>>();
  const resultOf = (id: string): Promise<Result> => {
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

async function runInSlot(
  step: Step,
  before: readonly Result[],
  execution: Execution,
): Promise<Result> {
  const { context, progress } = execution;
  let releaseSlot = await execution.takeSlot(step);
  try {
    if (mustStop(execution) || before.some((result) => result !== "done")) {
      progress.skipped.push(step);
      context.emit({ kind: "skipped", step });
      return "skipped";
    }
    const markStarted = (): void => {
      progress.started.push(step);
      releaseSlot();
    };
    const waitAside: StepContext["waitAside"] = async (pending) => {
      releaseSlot();
      // It may be rejected before there is a place again.
      const settled = await Promise.allSettled([pending]);
      releaseSlot = await execution.takeSlot(step);
      const [outcome] = settled;
      if (outcome.status === "rejected") throw outcome.reason;
      return outcome.value;
    };
    const result = await runStepTimed(step, { ...context, markStarted, waitAside }, execution);
    (result === "done" ? progress.done : progress.broken).push(step);
    return result;
  } finally {
    releaseSlot();
  }
}

function mustStop({ failures, defects, context }: Execution): boolean {
  return failures.length > 0 || defects.length > 0 || context.signal.aborted;
}

async function runStepTimed(
  step: Step,
  context: StepContext,
  execution: Execution,
): Promise<Result> {
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  context.emit({ kind: "started", step });
  try {
    const note = await Promise.race([runStep(step, context), execution.interrupted]);
    context.emit({ kind: "finished", step, seconds: seconds(), note });
    return "done";
  } catch (error) {
    collectErrors(error, step, execution);
    const isInterrupted = error instanceof ReynsError && error.code === "INTERRUPTED";
    context.emit({ kind: isInterrupted ? "interrupted" : "failed", step, seconds: seconds() });
    return "failed";
  }
}

function collectErrors(thrown: unknown, step: Step, { failures, defects }: Execution): void {
  const errors = thrown instanceof ReynsErrors ? thrown.errors : [thrown];
  for (const error of errors) {
    if (error instanceof ReynsError) failures.push({ step, error });
    else defects.push(error);
  }
}

/** Steps that were cut short by the interruption did not fail on their own. */
function interruptionErrors(
  failures: readonly StepFailure[],
  progress: RunProgress,
  steps: readonly Step[],
): ReynsError[] {
  const ownFailures = failures.filter(({ error }) => error.code !== "INTERRUPTED");
  return [...explainFailures(ownFailures, [], steps), createInterruptedError(progress)];
}

/** Time that a running step has to end cleanly after an interruption. */
const interruptionGraceMs = 1000;

/** The Engine may take longer than that, for example to stop a container. */
function rejectAfterInterruption(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const error = new ReynsError("INTERRUPTED", "interrupted");
  const startTimer = (): void => void setTimeout(() => reject(error), interruptionGraceMs);
  if (signal.aborted) startTimer();
  else signal.addEventListener("abort", startTimer, { once: true });
  // It may reject when no step is running any more.
  promise.catch(() => {});
  return promise;
}
