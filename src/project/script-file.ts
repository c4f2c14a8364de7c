import { pathToFileURL } from "node:url";
import { createApi } from "../api/index.ts";
import { createRecorder, recordedConfs } from "../api/recorder.ts";
import { ReynsError, throwAll, type Place } from "../errors.ts";
import type { Conf } from "./types.ts";

/** What a `reyns.ts` defines. */
export interface Script {
  readonly name: string | undefined;
  readonly confs: ReadonlyMap<string, Conf>;
}

/**
 * Runs a `reyns.ts`. The import of "reyns" is served by this process, so that nothing needs to be
 * installed; the recorder behind it belongs to this one load.
 *
 * @throws ReynsErrors INVALID_PROJECT with places in the user's file
 */
export async function readScript(file: string): Promise<Script> {
  const recorder = createRecorder(file);
  const zx = await import("zx");
  Bun.plugin({
    name: "reyns",
    setup: (build) => {
      build.module("reyns", () => ({
        loader: "object",
        exports: {
          ...createApi(recorder),
          $: zx.$,
          cd: zx.cd,
          within: zx.within,
          glob: zx.glob,
          which: zx.which,
          fs: zx.fs,
        },
      }));
    },
  });
  try {
    await import(pathToFileURL(file).href);
    const confs = await recordedConfs(recorder);
    throwAll(recorder.errors);
    return { name: recorder.projectName, confs };
  } catch (error) {
    throw located(error, file);
  }
}

/** A fault of the user's code as an error at its place in the file. */
function located(error: unknown, file: string): Error {
  if (error instanceof Error && (error.name === "ReynsError" || error.name === "ReynsErrors"))
    return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ReynsError("INVALID_PROJECT", message, {
    at: placeOf(error, file),
    hint: "reyns.ts is a program; this is where it stopped",
    cause: error,
  });
}

function placeOf(error: unknown, file: string): Place {
  const position = (error as { position?: { line: number; column: number } | null }).position;
  if (position) return { file, line: position.line, column: position.column };
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const frame = stack.split("\n").find((line) => line.includes(file));
  const match = /:(\d+):(\d+)\)?$/.exec(frame?.trim() ?? "");
  return match ? { file, line: Number(match[1]), column: Number(match[2]) } : { file };
}
