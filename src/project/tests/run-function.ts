import { dirname } from "node:path";
import type { LogEntry } from "zx";
import { createExec, type RunExec } from "../../api/exec.ts";
import type { Shell } from "../../api/shell.ts";
import { placeOfCaller } from "../../api/source-location.ts";
import type { Test, TestContext, TestFetch, TestTarget } from "../../api/tests.ts";
import { errorWith, ReynsError, type Place } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import type { TestFailure } from "../../model/tests.ts";
import { toReynsError } from "../script/errors.ts";
import {
  collectUnhandledRejections,
  trackPendingWork,
  type PendingWork,
} from "../script/pending-work.ts";
import { trapProcessExit } from "../script/watchdog.ts";
import { claimError, isOfAnother } from "./late-errors.ts";
import { TestTimeout } from "./run-tests.ts";

/** How a test reaches the instances of the copy. */
export interface TestAccess {
  readonly exec: RunExec;
  readonly fetch: (
    target: TargetQuery | URL,
    path: string | undefined,
    options: RequestInit,
  ) => Promise<Response>;
  readonly url: (target: TargetQuery, port: number | undefined) => string;
  readonly logs: (target: TargetQuery, tail: number | undefined) => Promise<string>;
}

/** The instance that a helper is called with; `instance` is undefined for the only one of the service. */
export interface TargetQuery {
  readonly service: string;
  readonly instance: string | undefined;
}

/** A run of the function of a test. */
export interface FunctionRun {
  /** Rejects when the test fails. */
  readonly run: (access: TestAccess, signal: AbortSignal, begin: () => void) => Promise<void>;
  /** Resolves when nothing that helpers began goes on any more, or after a while: after the signal. */
  readonly settled: () => Promise<unknown>;
  /** What is known of the failure, apart from logs. */
  readonly explain: (error: unknown) => Promise<Omit<TestFailure, "logs">>;
}

/** From the first test to the end of the call: one that is over may go on, fail where nothing waits for it, or end the process. */
export function guardProcess(file: string): Disposable {
  return trapProcessExit(() => placeOfCaller(file), []);
}

/** Lines of output that are shown with a failure. */
const shownLines = 10;

/** Milliseconds for what a test leaves going to end. */
const settleTimeout = 2000;

export function prepareFunction(test: Test): FunctionRun {
  const { file } = test.at;
  let last: Place | undefined;
  let printed = "";
  const work = trackPendingWork();
  // The stack has no frame of a call in tail position.
  const note = (): Place => {
    const at = placeOfCaller(file);
    if (at.line !== undefined) last = at;
    return at;
  };
  const keep = (text: string): void => void (printed = `${printed}${text}`.slice(-20_000));
  return {
    run: async (access, signal, begin) => {
      const exec = createExec(withOutput(access.exec, keep), file, "hidden");
      const helpers = createHelpers(access, signal, { work, note });
      const noted = async (...given: Parameters<typeof exec>): ReturnType<typeof exec> => {
        note();
        return tracked(work, () => exec(...given));
      };
      await runInShell({ test, signal, keep, work }, async ($) => {
        // A test that was interrupted has been reported: a loop in it would go on unwatched.
        signal.throwIfAborted();
        begin();
        await test.run({ exec: noted as typeof exec, ...helpers, $ });
      });
    },
    settled: () => Promise.race([work.settled(), Bun.sleep(settleTimeout)]),
    explain: async (error) => explainFailure(error, { test, last, printed }),
  };
}

function withOutput(exec: RunExec, keep: (text: string) => void): RunExec {
  return async (call) => {
    const result = await exec(call);
    keep(`${result.stdout}${result.stderr}`);
    return result;
  };
}

/** A call of a helper, which the test may not await. */
async function tracked<Value>(work: PendingWork, call: () => Promise<Value>): Promise<Value> {
  work.start(call);
  try {
    return await call();
  } catch (error) {
    claimError(error, work);
    throw error;
  } finally {
    work.finish(call);
  }
}

interface ShellRun {
  readonly test: Test;
  readonly signal: AbortSignal;
  readonly keep: (text: string) => void;
  readonly work: PendingWork;
}

/** Runs a function with a `$` of its own; waits for what the function has not awaited. */
async function runInShell(
  { test, signal, keep, work }: ShellRun,
  run: ($: Shell) => Promise<void>,
): Promise<void> {
  const { $, within } = await import("zx");
  const controller = new AbortController();
  const end = (): void => {
    // What the signal ends rejects with its reason.
    claimError(signal.reason, work);
    controller.abort();
  };
  signal.addEventListener("abort", end, { once: true });
  const log = (entry: LogEntry): void => {
    if (entry.kind === "cmd") work.start(entry.id);
    if (entry.kind === "end") work.finish(entry.id);
    if (entry.kind === "stdout" || entry.kind === "stderr") keep(entry.data.toString());
  };
  const complete = async (): Promise<void> => {
    await run($ as Shell);
    await work.settled();
  };
  await within(async () => {
    Object.assign($, { verbose: true, ac: controller, log, cwd: dirname(test.at.file) });
    await collectUnhandledRejections(complete, signal, (error) => isOfAnother(error, work));
  });
}

interface HelperOptions {
  readonly work: PendingWork;
  readonly note: () => Place;
}

function createHelpers(
  access: TestAccess,
  signal: AbortSignal,
  { work, note }: HelperOptions,
): Pick<TestContext, "fetch" | "url" | "logs"> {
  /** The errors of helpers are located where they are called. */
  const located = async <Value>(call: () => Promise<Value>): Promise<Value> => {
    const at = note();
    return tracked(work, async () => {
      try {
        return await call();
      } catch (error) {
        throw locatedError(error, at);
      }
    });
  };
  const fetch: TestFetch = async (target, path, options = {}) =>
    located(async () => {
      const ended = options.signal ? AbortSignal.any([options.signal, signal]) : signal;
      const query = toFetchTarget(target);
      return access.fetch(query, path, { ...options, signal: ended });
    });
  return {
    fetch,
    url: (target, port) => {
      const at = note();
      try {
        return access.url(toQuery("url", target), port);
      } catch (error) {
        throw locatedError(error, at);
      }
    },
    logs: async (target, { tail } = {}) =>
      located(async () => access.logs(toQuery("logs", target), tail)),
  };
}

function locatedError(error: unknown, at: Place): unknown {
  return error instanceof ReynsError ? errorWith(error, { at }) : error;
}

function toFetchTarget(target: TestTarget | URL): TargetQuery | URL {
  if (target instanceof URL) return target;
  return typeof target === "string" && /^https?:\/\//.test(target)
    ? new URL(target)
    : toQuery("fetch", target);
}

function toQuery(helper: "fetch" | "url" | "logs", target: unknown): TargetQuery {
  if (typeof target === "string" && target !== "") return { service: target, instance: undefined };
  if (isRecord(target) && typeof target["service"] === "string") {
    const { service, instance } = target;
    return { service, instance: typeof instance === "string" ? instance : undefined };
  }
  const hint = `write ${helper}("SERVICE"), or ${helper}(web) with the return value of service()`;
  throw new ReynsError("TASK_FAILED", `${helper}() needs an instance`, { hint });
}

interface FailedRun {
  readonly test: Test;
  /** The last call of a helper. */
  readonly last: Place | undefined;
  readonly printed: string;
}

async function explainFailure(
  thrown: unknown,
  { test, last, printed }: FailedRun,
): Promise<Omit<TestFailure, "logs">> {
  const tail = printed.split("\n").filter((line) => line.trim() !== "");
  if (thrown instanceof TestTimeout) {
    const hint = `give it more time with { timeout: "${Math.ceil(thrown.seconds * 4)}s" }, or all of them with timeout=`;
    const called = last ? "the last call of a helper was here; " : "";
    const output = tail.slice(-shownLines);
    return { message: thrown.message, at: last ?? test.at, hint: `${called}${hint}`, output };
  }
  const error = await toReynsError(thrown, test.at.file, []);
  const [first = error] = "errors" in error ? error.errors : [error];
  const { message, at, hint, output } = first as ReynsError;
  const isExplained = thrown instanceof ReynsError || hint !== "the file threw this error here";
  return {
    message,
    at: at?.line === undefined ? test.at : at,
    hint: isExplained ? hint : undefined,
    output: (output.length > 0 ? output : tail).slice(-shownLines),
  };
}
