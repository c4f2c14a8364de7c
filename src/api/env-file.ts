import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { inside, ReynsError, type Place } from "../errors.ts";

/**
 * The variables of env files, later ones over earlier ones.
 *
 * @param files relative to `folder`
 * @see https://nodejs.org/api/util.html#utilparseenvcontent the form of the files
 */
export function readEnvFiles(
  files: readonly string[],
  folder: string,
  at: Place,
): { env: Record<string, string>; errors: ReynsError[] } {
  const env: Record<string, string> = {};
  const errors = files.flatMap((file, index) => {
    try {
      Object.assign(env, parseEnv(readFileSync(resolve(folder, file), "utf8")));
      return [];
    } catch (cause) {
      const hint = `envFile is relative to the project's folder: look for ${resolve(folder, file)}`;
      const place = inside(at, "envFile", index);
      return [new ReynsError("INVALID_PROJECT", `cannot read ${file}`, { hint, at: place, cause })];
    }
  });
  return { env, errors };
}
