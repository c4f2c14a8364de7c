import { ReynsError, ReynsErrors } from "../../errors.ts";
import type { Step } from "../../model/steps.ts";
import type { RuntimeContext } from "../context.ts";
import type { StepFailure } from "./explain-failures.ts";
import type { RunProgress } from "./interruption.ts";
import { createSlots, type TakeSlot } from "./slots.ts";

/** What became of a step. */
export type StepResult = "done" | "failed" | "skipped";

/** What the steps of a plan share while they run. */
export interface Execution {
  readonly context: RuntimeContext;
  readonly progress: { readonly [Kind in keyof RunProgress]: Step[] };
  readonly failures: StepFailure[];
  /** Exceptions that are no ReynsError: defects. */
  readonly defects: unknown[];
  readonly takeSlot: TakeSlot;
  /** Rejects when an interruption leaves no more time. */
  readonly interrupted: Promise<never>;
}

export function createExecution(context: RuntimeContext): Execution {
  return {
    context,
    progress: { done: [], broken: [], skipped: [], started: [], restored: [] },
    failures: [],
    defects: [],
    takeSlot: createSlots(context.jobs),
    interrupted: rejectAfterInterruption(context.signal),
  };
}

/** Whether no further step may begin. */
export function mustStop({ failures, defects, context }: Execution): boolean {
  return failures.length > 0 || defects.length > 0 || context.signal.aborted;
}

export function collectErrors(thrown: unknown, step: Step, { failures, defects }: Execution): void {
  const errors = thrown instanceof ReynsErrors ? thrown.errors : [thrown];
  for (const error of errors) {
    if (error instanceof ReynsError) failures.push({ step, error });
    else defects.push(error);
  }
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
