import { basename } from "node:path";
import { createApi } from "../../api/index.ts";
import type { $ as Zx } from "zx";
import { createRecorder, collectConfs, type Recorder } from "../../api/recorder.ts";
import type { ReadComposeServices } from "../../api/compose.ts";
import type { ShellHelpers } from "../../api/shell.ts";
import { placeOfCaller } from "../../api/source-location.ts";
import type { Task } from "../../api/tasks.ts";
import type { Test } from "../../api/tests.ts";
import { ReynsError, ReynsErrors } from "../../errors.ts";
import { trackPendingWork, type PendingWork } from "./pending-work.ts";
import { importsOwnFiles, mayUseShell, shellNames } from "./uses-shell.ts";
import { trapProcessExit, startWatchdog } from "./watchdog.ts";
import type { Conf } from "../../model/project.ts";
import { readRegularFile } from "../../lib/read-regular-file.ts";

/** The definitions of a `reyns.ts`. */
export interface Script {
  readonly name: string | undefined;
  readonly confs: ReadonlyMap<string, Conf>;
  readonly tasks: ReadonlyMap<string, Task>;
  readonly tests: readonly Test[];
  /** All mistakes; definitions without a mistake are there regardless. */
  readonly errors: readonly ReynsError[];
  /** False if the file stopped at an error: what it would have defined after that is unknown. */
  readonly isComplete: boolean;
}

/** A file runs once in a process: importing it again would not run it again. */
const loaded = new Map<string, Promise<Script>>();

/** @param seconds time limit for a file that never settles or loops */
export function readScript(file: string, seconds = loadTimeout()): Promise<Script> {
  const script = loaded.get(file) ?? runScript(file, seconds);
  loaded.set(file, script);
  return script;
}

function loadTimeout(): number {
  return Number(process.env["LOAD_TIMEOUT"]) || 60;
}

/**
 * Runs a `reyns.ts`. This process serves its import of "reyns", so nothing has to be installed; the recorder behind it
 * belongs to this load alone.
 */
async function runScript(file: string, seconds: number): Promise<Script> {
  const recorder = createRecorder(file);
  const timer: PausableTimer = { pause: () => () => {} };
  const work = trackPendingWork();
  const text = readRegularFile(file).toString();
  const api = createApi(recorder, await loadComposeReader(text));
  const needsShell = mayUseShell(text);
  serveModule("reyns", { ...api, ...(needsShell && (await loadShell(file, timer))) });
  using _ = needsShell ? trackCommands((await import("zx")).$, work) : undefined;
  const thrown: unknown[] = [];
  const confs = await runFile({ recorder, timer, seconds, thrown, work });
  const names = [...Object.keys(api), ...shellNames];
  const converted = await Promise.all(
    [...new Set(thrown)].map(async (error) =>
      (await import("./errors.ts")).toReynsError(error, file, names),
    ),
  );
  const errors = converted.flatMap((error) =>
    error instanceof ReynsErrors ? [...error.errors] : [error],
  );
  const { projectName: name, tasks, tests } = recorder;
  const isComplete = thrown.length === 0;
  return { name, confs, tasks, tests, errors: [...recorder.errors, ...errors], isComplete };
}

/** The reader of Compose files takes long to load, and few files need it; one that is imported may. */
async function loadComposeReader(text: string): Promise<ReadComposeServices> {
  if (!/\bcompose\b/.test(text) && !importsOwnFiles(text))
    return () => ({ services: [], volumes: {}, networks: {}, secretFiles: [], errors: [] });
  return (await import("../compose/for-script.ts")).readComposeServices;
}

/** Hides the error output of commands as it comes: it is shown with the error of a failing command. */
function trackCommands($: typeof Zx, work: PendingWork): Disposable {
  const { log } = $;
  $.log = (entry) => {
    if (entry.kind === "cmd") work.start(entry.id);
    if (entry.kind === "end") work.finish(entry.id);
    if (entry.kind !== "stderr" || $.verbose) log(entry);
  };
  return { [Symbol.dispose]: () => void ($.log = log) };
}

/** The time limit, which stops while a prompt waits for an answer. */
interface PausableTimer {
  pause: () => () => void;
}

/** A file that is being run. */
interface Load {
  readonly recorder: Recorder;
  readonly timer: PausableTimer;
  readonly seconds: number;
  /** Collects errors. */
  readonly thrown: unknown[];
  readonly work: PendingWork;
}

async function runFile({
  recorder,
  timer,
  seconds,
  thrown,
  work,
}: Load): Promise<ReadonlyMap<string, Conf>> {
  const { file } = recorder;
  let isAtEnd = false;
  const onTimeout = (): Promise<ReynsError> => timeoutError(recorder, isAtEnd, seconds);
  using watchdog = startWatchdog({ file, name: basename(file), seconds, onTimeout });
  using _ = trapProcessExit(() => placeOfCaller(file), thrown);
  timer.pause = watchdog.pause;
  recorder.onPlace = ({ line = 0 }) => watchdog.reportLine(line);
  const imported = importFile(file)
    .then(() => void (isAtEnd = true))
    .catch((error: unknown) => void thrown.push(error))
    .then(async () => collectRecorded(recorder, work, thrown));
  const confs = await Promise.race([imported, watchdog.expired]).catch(
    (error: unknown) => void thrown.push(error),
  );
  timer.pause = () => () => {};
  const known = confs ?? new Map([["default", emptyConf(file)]]);
  if (thrown.length === 0) return known;
  return new Map([...known].map(([name, conf]) => [name, { ...conf, isIncomplete: true }]));
}

async function importFile(file: string): Promise<void> {
  await import(Bun.pathToFileURL(file).href);
}

async function collectRecorded(
  recorder: Recorder,
  work: PendingWork,
  thrown: unknown[],
): Promise<ReadonlyMap<string, Conf>> {
  const hasFailed = thrown.length > 0;
  if (hasFailed) await new Promise(setImmediate);
  const recorded = await collectConfs(recorder, hasFailed);
  thrown.push(...recorded.thrown);
  if (hasFailed) return recorded.confs;
  // A command that the file does not await would otherwise fail while the call is at work.
  await work.settled();
  // Unhandled rejections are reported after the microtasks.
  await new Promise(setImmediate);
  return recorded.confs;
}

function emptyConf(file: string): Conf {
  return { name: "default", file, sequential: false, instances: [] };
}

/** Locates the value that never settles, or before the end of the file, its pending `await`. */
async function timeoutError(
  { file, unsettled, lastPlace }: Recorder,
  isAtEnd: boolean,
  seconds: number,
): Promise<ReynsError> {
  const { findNextAwait } = await import("./ast.ts");
  const [pending] = unsettled;
  const at = isAtEnd ? (pending ?? { file }) : findNextAwait(file, lastPlace);
  const unfinished = pending ? "a value of this call" : "a command of $";
  const subject = isAtEnd ? unfinished : "something awaited here or below";
  const message = `loading timed out after ${seconds} s: ${subject} never settles`;
  const hint = "set a timeout for the slow operation, or raise the limit with LOAD_TIMEOUT=SECONDS";
  return new ReynsError("INVALID_PROJECT", message, { at, hint });
}

/** Loads zx; the module "zx" is served as well, for the rest of zx. */
async function loadShell(file: string, timer: PausableTimer): Promise<ShellHelpers> {
  const [zx, { createShellHelpers }] = await Promise.all([
    import("zx"),
    import("../../api/shell.ts"),
  ]);
  const original = createShellHelpers(zx, file);
  const question: ShellHelpers["question"] = async (...args) => {
    const resume = timer.pause();
    return original.question(...args).finally(resume);
  };
  const helpers = { ...original, question };
  serveModule("zx", { ...zx, ...helpers });
  return helpers;
}

function serveModule(name: string, exports: Record<string, unknown>): void {
  Bun.plugin({
    name,
    setup: (build) => {
      build.module(name, () => ({ loader: "object", exports }));
    },
  });
}
