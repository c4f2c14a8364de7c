import { pathToFileURL } from "node:url";
import { createApi } from "../api/index.ts";
import { createRecorder, recordedConfs } from "../api/recorder.ts";
import type { ReynsError } from "../errors.ts";
import { faultOf } from "./script-faults.ts";
import type { Conf } from "./types.ts";

/** What a `reyns.ts` defines. */
export interface Script {
  readonly name: string | undefined;
  readonly confs: ReadonlyMap<string, Conf>;
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
  const zx = await import("zx");
  const exports = {
    ...createApi(recorder),
    $: zx.$,
    cd: zx.cd,
    within: zx.within,
    glob: zx.glob,
    which: zx.which,
    fs: zx.fs,
  };
  Bun.plugin({
    name: "reyns",
    setup: (build) => {
      build.module("reyns", () => ({ loader: "object", exports }));
    },
  });
  try {
    await import(pathToFileURL(file).href);
    const confs = await recordedConfs(recorder);
    return { name: recorder.projectName, confs, errors: recorder.errors };
  } catch (error) {
    throw faultOf(error, file, Object.keys(exports));
  }
}
