import { pathToFileURL } from "node:url";
import { createApi } from "../api/index.ts";
import { createRecorder, recordedConfs } from "../api/recorder.ts";
import { shellOf, type ShellHelpers } from "../api/shell.ts";
import type { Task } from "../api/tasks.ts";
import type { ReynsError } from "../errors.ts";
import { faultOf } from "./script-faults.ts";
import type { Conf } from "./types.ts";

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

export function readScript(file: string): Promise<Script> {
  const script = loaded.get(file) ?? runScript(file);
  loaded.set(file, script);
  return script;
}

/**
 * Runs a `reyns.ts`. The import of "reyns" is served by this process, so that nothing needs to be
 * installed; the recorder behind it belongs to this one load.
 *
 * @throws ReynsError INVALID_PROJECT where it stopped
 */
async function runScript(file: string): Promise<Script> {
  const recorder = createRecorder(file);
  const exports = { ...createApi(recorder), ...(await loadShell(file)) };
  try {
    serveModule("reyns", exports);
    await import(pathToFileURL(file).href);
    const confs = await recordedConfs(recorder);
    const { projectName: name, tasks, errors } = recorder;
    return { name, confs, tasks, errors };
  } catch (error) {
    throw faultOf(error, file, Object.keys(exports));
  }
}

/** zx, which takes 15 ms to load; it is served as a module of its own, too, for what else it has. */
async function loadShell(file: string): Promise<ShellHelpers> {
  const zx = await import("zx");
  const helpers = shellOf(zx, file);
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
