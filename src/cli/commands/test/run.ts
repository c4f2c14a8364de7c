import { basename, resolve } from "node:path";
import { log } from "../../../ui/output/log.ts";
import { keepStdoutFree } from "../../../ui/output/task-output.ts";
import { createTestProgress } from "../../../ui/progress/test-progress.ts";
import { formatJUnit } from "../../../ui/views/junit.ts";
import { writeOutputFile } from "../../../lib/write-output-file.ts";
import { hasCode, messageOf, ReynsErrors } from "../../../errors.ts";
import type { Project } from "../../../model/project.ts";
import type { TestEvent, TestResult } from "../../../model/tests.ts";
import { runTests } from "../../../project/tests/run-tests.ts";
import { watchLoops } from "../../../project/tests/watch-loops.ts";
import type { SelectedTests } from "../../../project/tests/select-tests.ts";
import { connectEngine, listInstances, loadProject } from "../../common/context.ts";
import { hasPlatform, startPlatform } from "./platform.ts";
import { prepareTests } from "./prepare.ts";

/** A call of `reyns test`. */
export interface TestCall {
  /** As it is without a copy. */
  readonly project: Project;
  readonly selected: SelectedTests;
  readonly group: string | undefined;
  readonly conf: string | undefined;
  /** The limit of tests without one of their own. */
  readonly seconds: number;
  /** How many parallel tests run at once. */
  readonly parallel: number;
  readonly junit: string | undefined;
  readonly json: boolean;
  readonly yes: boolean;
  /** When the definition was read. */
  readonly startedAt: Date;
}

export interface TestOutcome {
  readonly results: readonly TestResult[];
  readonly milliseconds: number;
  /** Path of the receipt that was written. */
  readonly receipt?: string | undefined;
  /** Why the report could not be written. */
  readonly unwritten?: string | undefined;
}

/** Starts the platform in the copy that the environment selects, and runs the tests. */
export async function testCopy(call: TestCall, signal: AbortSignal): Promise<TestOutcome> {
  const { selected, seconds, group, yes } = call;
  const project = await loadProject(call.conf);
  const platform = { project, group, yes, jobs: undefined };
  await startPlatform(platform).catch((error: unknown) => {
    const unwritten = writeReport(call, neverRun(call, error), 0);
    if (unwritten !== undefined) log.warn(unwritten);
    throw error;
  });
  const start = performance.now();
  const prepared = prepareTests(selected.chosen, { ...platform, seconds });
  const results = await runPrepared(prepared, call, signal);
  const milliseconds = Math.round(performance.now() - start);
  return { results, milliseconds, unwritten: writeReport(call, results, milliseconds) };
}

async function runPrepared(
  { tests, killed }: ReturnType<typeof prepareTests>,
  { project, parallel, json }: TestCall,
  signal: AbortSignal,
): Promise<TestResult[]> {
  const file = project.conf.file ?? "";
  using loops = await watchLoops(file, basename(file));
  if (json) keepStdoutFree();
  const progress = await createTestProgress(json);
  const emit = (event: TestEvent): void => {
    const started = event.kind === "started" && tests.find(({ name }) => name === event.name);
    if (started && started.seconds !== undefined)
      loops.begin(started.at.line ?? 1, started.seconds);
    progress.emit(event);
  };
  try {
    return await runTests(tests, { jobs: parallel, signal, emit });
  } finally {
    progress.close();
    await killed();
  }
}

/** For a report, where the platform has not become ready. */
function neverRun({ selected }: TestCall, error: unknown): TestResult[] {
  if (hasCode(error, "INTERRUPTED")) return [];
  const errors = error instanceof ReynsErrors ? error.errors : [error];
  const message = `the platform did not start: ${errors.map(messageOf).join("; ")}`;
  return selected.chosen.map((defined) => {
    const { at } = defined.kind === "function" ? defined.test : defined.definition;
    const failure = { message, at: undefined, hint: undefined, output: [], logs: [] };
    return { name: defined.name, at, status: "failed", milliseconds: 0, failure };
  });
}

/** @returns why it could not be written */
function writeReport(
  { junit, project, startedAt }: TestCall,
  results: readonly TestResult[],
  milliseconds: number,
): string | undefined {
  if (junit === undefined || results.length === 0) return undefined;
  const { name, folder } = project;
  const text = formatJUnit({ project: name, folder, startedAt, milliseconds, results });
  try {
    writeOutputFile(resolve(junit), text);
    return undefined;
  } catch (error) {
    return `the report ${junit} was not written: ${messageOf(error)}`;
  }
}

/**
 * Writes the receipt of a run of all tests, while its containers are there.
 *
 * @returns its path; undefined where there is none, and why not has been said
 */
export async function writeReceiptOf(
  { project, group, selected, startedAt }: TestCall,
  { results }: TestOutcome,
): Promise<string | undefined> {
  if (results.some(({ status }) => status === "failed")) return undefined;
  const reason = [
    !selected.isComplete && "not all tests have run",
    !results.some(({ status }) => status === "passed") && "no test has run",
    !hasPlatform({ project, group }) && "there are no instances to record",
  ].find(Boolean);
  if (reason) {
    log.info(`no receipt: ${reason}`);
    return undefined;
  }
  const { writeReceipt } = await import("../../common/receipts/write.ts");
  const { instances } = await listInstances({ mayBeNew: true });
  try {
    return await writeReceipt({
      engine: await connectEngine(),
      project,
      group,
      instances,
      isTest: ({ definition }) => definition.isTest ?? false,
      tests: results.filter(({ status }) => status === "passed"),
      startedAt,
    });
  } catch (error) {
    const errors = error instanceof ReynsErrors ? error.errors : [error];
    for (const one of errors) {
      if (!hasCode(one, "RECEIPT_REFUSED")) throw error;
      log.warn(one.message);
    }
    return undefined;
  }
}
