import { hasCode } from "../../errors.ts";
import { createHeldWork } from "../../lib/held-work.ts";
import type { Step } from "../../model/steps.ts";
import { contextOf, heldWorkLimitMs, type HoldExit, type StepContext } from "../context.ts";
import { collectErrors, mustStop, type Execution, type StepResult } from "./execution.ts";
import { runStep } from "./run-step.ts";

/** Runs a step when there is a place for it, unless something has failed or been interrupted by then. */
export async function runInSlot(
  step: Step,
  before: readonly StepResult[],
  execution: Execution,
): Promise<StepResult> {
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
    const result = await runStepTimed(step, { markStarted, waitAside }, execution);
    (result === "done" ? progress.done : progress.broken).push(step);
    return result;
  } finally {
    releaseSlot();
  }
}

async function runStepTimed(
  step: Step,
  slot: Pick<StepContext, "markStarted" | "waitAside">,
  execution: Execution,
): Promise<StepResult> {
  const { progress } = execution;
  const context = contextOf(execution.context, step);
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  const { holdExit, cutOff } = createCutOff(step, execution);
  const markRestored = (): void => void progress.restored.push(step);
  context.emit({ kind: "started", step });
  try {
    const running = runStep(step, { ...context, ...slot, holdExit, markRestored });
    const note = await Promise.race([running, cutOff]);
    context.emit({ kind: "finished", step, seconds: seconds(), note });
    return "done";
  } catch (error) {
    collectErrors(error, step, execution);
    const isInterrupted = hasCode(error, "INTERRUPTED");
    context.emit({ kind: isInterrupted ? "interrupted" : "failed", step, seconds: seconds() });
    return "failed";
  }
}

/** What an interruption waits for, in words. */
export function heldText(step: Step): string {
  if (step.kind === "start-instance" && step.removesService)
    return `${step.title}: waiting until either the service or the container is removed; press Ctrl-C again to exit now and leave both`;
  const isBeside = step.kind === "start-instance" && step.replacing?.order === "start-first";
  return isBeside
    ? `${step.title}: waiting until one of its two containers has stopped; press Ctrl-C again to exit now and leave both running`
    : `${step.title}: waiting until it has stopped, to start it again; press Ctrl-C again to exit now and leave it stopped`;
}

interface CutOff {
  readonly holdExit: HoldExit;
  /** Rejects when an interruption leaves this step no more time. */
  readonly cutOff: Promise<never>;
}

/** A step that has stopped something gets the time that it needs to start it, or its successor. */
function createCutOff(step: Step, { context, interrupted }: Execution): CutOff {
  const held = createHeldWork();
  const cutOff = interrupted.catch(async (error: unknown) => {
    if (held.isPending()) {
      context.emit({ kind: "warning", message: heldText(step) });
      await held.settled(heldWorkLimitMs);
      // What is over now has its own outcome to report.
      await Bun.sleep(0);
    }
    throw error;
  });
  cutOff.catch(() => {});
  const holdExit: HoldExit = (work) => {
    held.add(work);
    context.holdProcess?.(work);
  };
  return { holdExit, cutOff };
}
