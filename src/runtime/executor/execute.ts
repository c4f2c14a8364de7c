import { ReynsError, ReynsErrors, throwAll } from "../../errors.ts";
import type { Step } from "../../model/steps.ts";
import { explainFailures, type Failure } from "./explain-failures.ts";
import { createInterruptedError } from "./interruption.ts";
import { buildStep } from "./steps/build.ts";
import { keepLeasesStep, removeKeeperStep } from "./steps/lease-keeper.ts";
import { createNetworkStep } from "./steps/network.ts";
import { pullStep } from "./steps/pull.ts";
import { removeDataStep, removeVolumeStep } from "./steps/remove-data.ts";
import { removeStep, removeNetworkStep, stopStep } from "./steps/remove.ts";
import { rootImageStep } from "./steps/root-image.ts";
import { awaitStep, restartStep, startStep } from "./steps/start.ts";
import { tagStep } from "./steps/tag.ts";
import type { RuntimeContext, StepContext } from "../context.ts";

/**
 * The Engine gains nothing from more starts at once, and Docker 20.10 may forget to free an address where twelve are
 * removed at the same time; builds wait for more than the processors. What only waits for readiness does not count.
 */
const defaultJobs = { images: 12, containers: 8 };

const imageKinds = new Set<Step["kind"]>(["root-image", "build-image", "pull-image", "tag-image"]);

/** What became of the steps. */
interface Outcome {
  readonly done: Step[];
  readonly broken: Step[];
  readonly skipped: Step[];
  /** Those whose instances run, whether they became ready or not. */
  readonly started: Step[];
}

type Result = "done" | "failed" | "skipped";

/**
 * Carries out the steps, each as soon as those before it are done, so many at work at once. After a failure
 * nothing new begins; what runs is brought to its end. After an interruption that may take a second.
 *
 * @throws ReynsErrors with every failure; INTERRUPTED with what there is now
 */
export async function executeSteps(steps: readonly Step[], context: RuntimeContext): Promise<void> {
  const failures: Failure[] = [];
  const faults: unknown[] = [];
  const past: Outcome = { done: [], broken: [], skipped: [], started: [] };
  const gaveUp = rejectAfterInterruption(context.signal);
  const takeSlot = createSlots(context.jobs);
  const results = new Map<string, Promise<Result>>();
  const failed = (): boolean => failures.length > 0 || faults.length > 0 || context.signal.aborted;

  const perform = async (step: Step): Promise<Result> => {
    const before = await Promise.all(step.after.map((id) => resultOf(id)));
    const giveBack = await takeSlot(step);
    try {
      if (failed() || before.some((result) => result !== "done")) {
        past.skipped.push(step);
        context.emit({ kind: "skipped", step });
        return "skipped";
      }
      const letOthersBegin = (): void => {
        past.started.push(step);
        giveBack();
      };
      const acting = { ...context, letOthersBegin, gaveUp };
      const onError = (error: unknown): void => collectErrors(error, step, failures, faults);
      const result = await runStepTimed(step, acting, onError);
      (result === "done" ? past.done : past.broken).push(step);
      return result;
    } finally {
      giveBack();
    }
  };
  const byId = new Map(steps.map((step) => [step.id, step]));
  const resultOf = (id: string): Promise<Result> => {
    const step = byId.get(id);
    if (!step) return Promise.resolve("done");
    const result = results.get(id) ?? perform(step);
    results.set(id, result);
    return result;
  };

  await Promise.all(steps.map(({ id }) => resultOf(id)));
  if (context.signal.aborted) throwAll(interruptionErrors(failures, past, steps));
  if (faults.length > 0) throw faults[0];
  throwAll(explainFailures(failures, past.skipped, steps));
}

/** What breaks off because of an interruption is no failure of its own. */
function interruptionErrors(
  failures: readonly Failure[],
  past: Outcome,
  steps: readonly Step[],
): ReynsError[] {
  const own = failures.filter(({ error }) => error.code !== "INTERRUPTED");
  return [...explainFailures(own, [], steps), createInterruptedError(past)];
}

async function runStepTimed(
  step: Step,
  { gaveUp, ...context }: StepContext & { readonly gaveUp: Promise<never> },
  onError: (error: unknown) => void,
): Promise<Result> {
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  context.emit({ kind: "started", step });
  try {
    const note = await Promise.race([runStep(step, context), gaveUp]);
    context.emit({ kind: "finished", step, seconds: seconds(), note });
    return "done";
  } catch (error) {
    onError(error);
    const interrupted = error instanceof ReynsError && error.code === "INTERRUPTED";
    context.emit({ kind: interrupted ? "interrupted" : "failed", step, seconds: seconds() });
    return "failed";
  }
}

/** Milliseconds that a step has to come to an end in order, after an interruption. */
const interruptionGraceMs = 1000;

/** Rejects a while after an interruption: the Engine may be waiting for a container to stop. */
function rejectAfterInterruption(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const error = new ReynsError("INTERRUPTED", "interrupted");
  const wait = (): void => void setTimeout(() => reject(error), interruptionGraceMs);
  signal.addEventListener("abort", wait, { once: true });
  if (signal.aborted) wait();
  promise.catch(() => {});
  return promise;
}

function collectErrors(error: unknown, step: Step, failures: Failure[], faults: unknown[]): void {
  const errors = error instanceof ReynsErrors ? error.errors : [error];
  for (const one of errors) {
    if (one instanceof ReynsError) failures.push({ step, error: one });
    else faults.push(one);
  }
}

/** Does one step; returns a word on how it went, if there is one. */
function runStep(step: Step, context: StepContext): Promise<string | undefined> {
  switch (step.kind) {
    case "root-image":
      return rootImageStep(step, context);
    case "build-image":
      return buildStep(step, context);
    case "pull-image":
      return pullStep(step, context);
    case "tag-image":
      return tagStep(step, context);
    case "create-network":
      return createNetworkStep(step, context);
    case "start-instance":
      return startStep(step, context);
    case "restart-instance":
      return restartStep(step, context);
    case "await-instance":
      return awaitStep(step, context);
    case "stop-instance":
      return stopStep(step, context);
    case "remove-instance":
      return removeStep(step, context);
    case "remove-network":
      return removeNetworkStep(step, context);
    case "remove-data":
      return removeDataStep(step, context);
    case "remove-volume":
      return removeVolumeStep(step, context);
    case "keep-leases":
      return keepLeasesStep(step, context);
    case "remove-keeper":
      return removeKeeperStep(step, context);
  }
}

/** Lets at most `count` hold a slot at the same time; the others wait in line. What it resolves to gives it back. */
function createPool(count: number): () => Promise<() => void> {
  const waiting: (() => void)[] = [];
  let free = count;
  const give = (): void => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };
  return async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    let held = true;
    return () => {
      if (held) give();
      held = false;
    };
  };
}

/** Images and containers have slots of their own. */
function createSlots(jobs: number | undefined): (step: Step) => Promise<() => void> {
  const images = createPool(jobs ?? defaultJobs.images);
  const containers = createPool(jobs ?? defaultJobs.containers);
  return ({ kind }) => (imageKinds.has(kind) ? images() : containers());
}
