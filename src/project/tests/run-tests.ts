import { ReynsError, type Place } from "../../errors.ts";
import type { TestEvent, TestFailure, TestResult } from "../../model/tests.ts";

/** A test that is ready to run. */
export interface RunnableTest {
  readonly name: string;
  readonly at: Place;
  readonly isSkipped: boolean;
  /** It may run at the same time as the parallel ones beside it. */
  readonly parallel: boolean;
  /** Its deadline; undefined: it ends by itself. */
  readonly seconds: number | undefined;
  /**
   * Resolves when it has passed. The signal ends what it began: at the deadline, when it has failed or passed, and when the
   * call is interrupted.
   *
   * @param begin starts the clock; to be called when everything is prepared
   */
  readonly run: (signal: AbortSignal, begin: () => void) => Promise<void>;
  /** Resolves when nothing of it goes on any more, or after a while. It is awaited after the signal. */
  readonly settled: () => Promise<unknown>;
  /** Explains what `run` has thrown, or a TestTimeout. */
  readonly explain: (error: unknown) => Promise<TestFailure>;
}

export interface RunTestsOptions {
  /** How many parallel tests run at once. */
  readonly jobs: number;
  /** Interrupts all. */
  readonly signal: AbortSignal;
  readonly emit: (event: TestEvent) => void;
}

/** Milliseconds; timers have no longer ones. */
const longestDelay = 2 ** 31 - 1;

/** A test has not ended in time. */
export class TestTimeout extends Error {
  readonly seconds: number;

  constructor(seconds: number) {
    super(`timed out after ${seconds} s`);
    this.seconds = seconds;
  }
}

/**
 * Runs tests in their order, one after the other; neighbours that are parallel run together.
 *
 * @throws ReynsError INTERRUPTED
 */
export async function runTests(
  tests: readonly RunnableTest[],
  options: RunTestsOptions,
): Promise<TestResult[]> {
  const results = new Map<RunnableTest, TestResult>();
  for (const batch of batchesOf(tests)) {
    const waiting = [...batch];
    const work = async (): Promise<void> => {
      for (let test = waiting.shift(); test !== undefined; test = waiting.shift()) {
        throwIfInterrupted(options.signal);
        results.set(test, await runTest(test, options));
      }
    };
    const workers = Math.min(options.jobs, batch.length);
    // An interruption waits until each of them has settled.
    const ended = await Promise.allSettled(Array.from({ length: workers }, work));
    for (const one of ended) if (one.status === "rejected") throw one.reason;
  }
  return tests.flatMap((test) => results.get(test) ?? []);
}

/** Neighbours that may run at the same time are in one batch. */
function batchesOf(tests: readonly RunnableTest[]): RunnableTest[][] {
  const batches: RunnableTest[][] = [];
  for (const test of tests) {
    const last = batches.at(-1);
    if (test.parallel && last?.[0]?.parallel) last.push(test);
    else batches.push([test]);
  }
  return batches;
}

async function runTest(test: RunnableTest, { signal, emit }: RunTestsOptions): Promise<TestResult> {
  const { name, at, isSkipped } = test;
  const end = (result: Omit<TestResult, "name" | "at">): TestResult => {
    const ended = { name, at, ...result };
    emit({ kind: "ended", result: ended });
    return ended;
  };
  if (isSkipped) return end({ status: "skipped", milliseconds: 0 });
  emit({ kind: "started", name });
  const start = performance.now();
  const since = (): number => Math.round(performance.now() - start);
  try {
    await runInTime(test, signal);
    return end({ status: "passed", milliseconds: since() });
  } catch (error) {
    throwIfInterrupted(signal);
    const milliseconds = since();
    return end({ status: "failed", milliseconds, failure: await test.explain(error) });
  }
}

async function runInTime(
  { run, settled, seconds }: RunnableTest,
  interrupt: AbortSignal,
): Promise<void> {
  const own = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    if (seconds === undefined) return;
    const delay = Math.min(seconds * 1000, longestDelay);
    timer = setTimeout(() => own.abort(new TestTimeout(seconds)), delay);
  };
  const signal = AbortSignal.any([interrupt, own.signal]);
  const aborted = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => aborted.reject(signal.reason), { once: true });
  try {
    await Promise.race([run(signal, begin), aborted.promise]);
  } finally {
    clearTimeout(timer);
    own.abort(new Error("the test is over"));
    await settled();
  }
}

function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw new ReynsError("INTERRUPTED", "the tests were interrupted");
}
