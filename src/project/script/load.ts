import { basename } from "node:path";
import { createApi } from "../../api/index.ts";
import type { $ as Zx } from "zx";
import { createRecorder, recordedConfs, type Recorder } from "../../api/recorder.ts";
import type { ShellHelpers } from "../../api/shell.ts";
import { placeOfCaller } from "../../api/source-location.ts";
import type { Task } from "../../api/tasks.ts";
import { ReynsError, ReynsErrors } from "../../errors.ts";
import { beginWork, type BegunWork } from "./pending-work.ts";
import { faultOf } from "./errors.ts";
import { mayUseShell, shellNames } from "./uses-shell.ts";
import { guardProcess, watchOver } from "./watchdog.ts";
import type { Conf } from "../../model/project.ts";

/** What a `reyns.ts` defines. */
export interface Script {
  readonly name: string | undefined;
  readonly confs: ReadonlyMap<string, Conf>;
  readonly tasks: ReadonlyMap<string, Task>;
  /** Every mistake in it, at its place; what is beside them could be read. */
  readonly errors: readonly ReynsError[];
}

/** A file is run once in a process: its import would not be run again. */
const loaded = new Map<string, Promise<Script>>();

/** @param seconds until a file that waits or loops for ever is given up */
export function readScript(file: string, seconds = patience()): Promise<Script> {
  const script = loaded.get(file) ?? runScript(file, seconds);
  loaded.set(file, script);
  return script;
}

function patience(): number {
  return Number(process.env["LOAD_TIMEOUT"]) || 60;
}

/**
 * Runs a `reyns.ts`. The import of "reyns" is served by this process, so that nothing needs to be
 * installed; the recorder behind it belongs to this one load.
 */
async function runScript(file: string, seconds: number): Promise<Script> {
  const recorder = createRecorder(file);
  const clock: Clock = { pause: () => () => {} };
  const begun = beginWork();
  const api = createApi(recorder);
  const text = await Bun.file(file).text();
  const needsShell = mayUseShell(text);
  serveModule("reyns", { ...api, ...(needsShell && (await loadShell(file, clock))) });
  using _ = needsShell ? hearCommands((await import("zx")).$, begun) : undefined;
  const thrown: unknown[] = [];
  const confs = await run({ recorder, clock, seconds, thrown, begun });
  const names = [...Object.keys(api), ...shellNames];
  const faults = await Promise.all(
    [...new Set(thrown)].map(async (error) => faultOf(error, file, names)),
  );
  const errors = faults.flatMap((fault) =>
    fault instanceof ReynsErrors ? [...fault.errors] : [fault],
  );
  const { projectName: name, tasks } = recorder;
  return { name, confs, tasks, errors: [...recorder.errors, ...errors] };
}

/** What a failing command has said is shown with its error, not also as it comes. */
function hearCommands($: typeof Zx, begun: BegunWork): Disposable {
  const { log } = $;
  $.log = (entry) => {
    if (entry.kind === "cmd") begun.begin(entry.id);
    if (entry.kind === "end") begun.end(entry.id);
    if (entry.kind !== "stderr" || $.verbose) log(entry);
  };
  return { [Symbol.dispose]: () => void ($.log = log) };
}

/** What is stopped while a person is asked. */
interface Clock {
  pause: () => () => void;
}

/** One file that is being run. */
interface Load {
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly seconds: number;
  /** Takes what goes wrong. */
  readonly thrown: unknown[];
  readonly begun: BegunWork;
}

async function run({
  recorder,
  clock,
  seconds,
  thrown,
  begun,
}: Load): Promise<ReadonlyMap<string, Conf>> {
  const { file } = recorder;
  let isAtItsEnd = false;
  const stuck = (): Promise<ReynsError> => stuckAt(recorder, isAtItsEnd, seconds);
  using watch = watchOver({ file, name: basename(file), seconds, stuck });
  using _ = guardProcess(() => placeOfCaller(file), thrown);
  clock.pause = watch.pause;
  recorder.onPlace = ({ line = 0 }) => watch.reached(line);
  const end = async (): Promise<ReadonlyMap<string, Conf>> => {
    await import(Bun.pathToFileURL(file).href);
    isAtItsEnd = true;
    const recorded = await recordedConfs(recorder);
    thrown.push(...recorded.thrown);
    // A command that the file does not await would fail in the middle of what the call does.
    await begun.ended();
    // Rejections that nobody has caught are told of after the tasks that are due.
    await new Promise(setImmediate);
    return recorded.confs;
  };
  const confs = await Promise.race([end(), watch.ended]).catch(
    (error: unknown) => void thrown.push(error),
  );
  clock.pause = () => () => {};
  // What a file that has stopped would still have defined is not missing.
  return thrown.length > 0 || !confs ? new Map([["default", emptyConf(file)]]) : confs;
}

function emptyConf(file: string): Conf {
  return { name: "default", file, sequential: false, instances: [] };
}

/** After its end it is a value that does not come, before it what the file itself awaits. */
async function stuckAt(
  { file, waiting, lastPlace }: Recorder,
  isAtItsEnd: boolean,
  seconds: number,
): Promise<ReynsError> {
  const { awaitAfter } = await import("./ast.ts");
  const [pending] = waiting;
  const at = isAtItsEnd ? (pending ?? { file }) : awaitAfter(file, lastPlace);
  const atTheEnd = pending
    ? "a value of this does not come"
    : "a command of $ that it has begun does not end";
  const what = isAtItsEnd
    ? atTheEnd
    : "the file waits for what does not come, here or further down";
  return new ReynsError("INVALID_PROJECT", `${what}: given up after ${seconds} s`, {
    at,
    hint: "give what may take long a limit of its own, or all of it more: LOAD_TIMEOUT=SECONDS",
  });
}

/** zx; it is served as a module of its own, too, for what else it has. */
async function loadShell(file: string, clock: Clock): Promise<ShellHelpers> {
  const [zx, { shellOf }] = await Promise.all([import("zx"), import("../../api/shell.ts")]);
  const plain = shellOf(zx, file);
  const question: ShellHelpers["question"] = async (...asked) => {
    const goOn = clock.pause();
    return plain.question(...asked).finally(goOn);
  };
  const helpers = { ...plain, question };
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
