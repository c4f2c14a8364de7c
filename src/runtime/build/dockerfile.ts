import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { hostConfFile, privateFolder } from "../../model/resource-names.ts";
import type { ContextRules } from "./context-rules.ts";
import { isOutside, pathInContext } from "./dockerfile-path.ts";
import { ifExists, type ContextEntry } from "./walk-context.ts";

/** An image that copies the whole context has the file, too: only root reads it there. */
const outsideMode = 0o600;

/** The entries of a context, with the Dockerfile where that is outside of the folder. */
export function withDockerfile(
  folder: string,
  dockerfile: string,
  entries: readonly ContextEntry[],
): readonly ContextEntry[] {
  if (!isOutside(dockerfile)) return entries;
  const path = join(folder, dockerfile);
  return [{ name: pathInContext(dockerfile), path, type: "file", mode: outsideMode }, ...entries];
}

type IsPrivate = ContextRules["isPrivate"];

/**
 * Follows the links of a Dockerfile.
 *
 * @returns undefined if it has disappeared
 * @throws ReynsError FILE_REFUSED where it leads to what no image may have
 */
export async function resolveDockerfile(
  path: string,
  isPrivate: IsPrivate,
): Promise<string | undefined> {
  const real = await ifExists(realpath(path));
  if (real === undefined || !(await isInPrivate(real, isPrivate))) return real;
  throw new ReynsError("FILE_REFUSED", `the Dockerfile ${path} is a private file: ${real}`, {
    hint: "no image may contain what Reyns keeps for a project: move the Dockerfile",
  });
}

/** Whether a file, or a folder that it is in, is private. */
async function isInPrivate(path: string, isPrivate: IsPrivate): Promise<boolean> {
  const name = basename(path);
  if (name === privateFolder || name === hostConfFile) return true;
  const stats = await ifExists(stat(path, { bigint: true }));
  if (stats && isPrivate(stats)) return true;
  const parent = dirname(path);
  return parent !== path && isInPrivate(parent, isPrivate);
}
