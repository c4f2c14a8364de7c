import type { ProjectPlace } from "./locate.ts";
import { checkProjectName } from "../model/host-names.ts";
import type { Environment } from "../lib/environment.ts";
import { defaultNameOf } from "./origin.ts";
import { readRegularFile } from "../lib/read-regular-file.ts";

/**
 * Finds the project's name without running its definition: that of a literal `project("…")`, else that of
 * the folder in which the project began.
 * Returns undefined if only running `reyns.ts` can tell.
 */
export async function guessProjectName(
  place: ProjectPlace,
  env: Environment,
): Promise<string | undefined> {
  if (env["PROJECT_NAME"]) return checkProjectName(env["PROJECT_NAME"]);
  if (place.compose !== undefined)
    return (await import("./compose/guess-name.ts")).guessComposeName(place, env);
  const folderName = defaultNameOf(place);
  if (place.script === undefined) return folderName;
  const whole = readRegularFile(place.script).toString();
  const text = whole.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
  // An imported file, or `project` under another name, may set the name.
  if (/\b(?:from|import)\s*\(?\s*["'`]\.\.?\/|\bproject\s+as\b/.test(text)) return undefined;
  const call = /\bproject\s*\(\s*(?:(["'`])([a-z0-9-]+)\1\s*\))?/.exec(text);
  return call === null ? folderName : call[2];
}
