import type { BigIntStats } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import ignore from "@balena/dockerignore";
import { ReynsError } from "../../errors.ts";
import { addedDockerfile } from "../../model/build.ts";
import { dataFolderMarker, privateFolder, hostConfFile } from "../../model/resource-names.ts";
import { pathInContext } from "./dockerfile-path.ts";
import { readRegularFile } from "../../lib/read-regular-file.ts";

/** Decides which files of a folder belong to its build context. */
export interface ContextRules {
  /** @param name path below the context, with slashes */
  readonly includes: (name: string) => boolean;
  /** An excluded folder may still contain something that is included. */
  readonly hasExceptions: boolean;
  /** Never part of a context, whatever the rules say. */
  readonly isPrivate: (stats: BigIntStats) => boolean;
}

/**
 * Reads the rules of a build context: those of `DOCKERFILE.dockerignore` beside the Dockerfile if it exists, like
 * BuildKit, otherwise those of `.dockerignore`.
 *
 * @param privatePaths files and folders that are never part of it
 * @throws ReynsError FILE_REFUSED, INVALID_PROJECT
 * @see https://docs.docker.com/build/concepts/context/#filename-and-location
 */
export async function readContextRules(
  folder: string,
  dockerfile: string,
  privatePaths: readonly string[],
): Promise<ContextRules> {
  const own = `${dockerfile}.dockerignore`;
  const ownText = await readIfExists(join(folder, own));
  const file = ownText === undefined ? ".dockerignore" : own;
  const text = ownText ?? (await readIfExists(join(folder, file))) ?? "";
  const ignores = parseRules(join(folder, file), text);
  // The builder needs both, even where the rules exclude them.
  const required = new Set([dockerfile, file]);
  const path = pathInContext(dockerfile);
  return {
    includes: (name) => required.has(name) || !ignores(name),
    // The Dockerfile may be in a folder that is excluded.
    hasExceptions: /^\s*!/m.test(text) || (path.includes("/") && path !== addedDockerfile),
    isPrivate: await identify(privatePaths),
  };
}

/**
 * Parses the lines of a `.dockerignore`. Upper and lower case differ in it, as they do for Docker.
 *
 * @throws ReynsError INVALID_PROJECT, at the line of an invalid pattern
 */
function parseRules(file: string, text: string): (name: string) => boolean {
  const rulesOf = (lines: string): ReturnType<typeof ignore> => {
    const rules = ignore({ ignorecase: false }).add(escapePatterns(lines));
    // Patterns are compiled when they are first used.
    rules.ignores("a");
    return rules;
  };
  try {
    const rules = rulesOf(text);
    // The package's cache of names is a plain object, which has names like "constructor" from the start.
    return (name) => rules.ignores(name in {} ? `${name}/.` : name);
  } catch (cause) {
    const isInvalid = (line: string): boolean => !succeeds(() => rulesOf(line));
    const line = text.split(/\r?\n/).findIndex(isInvalid) + 1;
    const hint = 'write "\\[" for a bracket that belongs to a name';
    const at = { file, line };
    throw new ReynsError("INVALID_PROJECT", "not a valid pattern", { hint, at, cause });
  }
}

/** The package takes these characters for a regular expression's; for Docker they stand for themselves. */
function escapePatterns(text: string): string {
  return text.replace(/\\.|[+()|{}]/g, (found) => (found.length > 1 ? found : `\\${found}`));
}

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

/** Ignore rules that cannot be read may keep secrets out of an image. */
async function readIfExists(file: string): Promise<string | undefined> {
  try {
    return readRegularFile(file).toString();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    const hint =
      "without it every file would be sent to the builder: make it readable for this user";
    throw new ReynsError("FILE_REFUSED", `cannot read ${file}: ${message}`, { hint, cause });
  }
}

/** Compares device and inode, which are the same under every name and through every link. */
async function identify(paths: readonly string[]): Promise<(stats: BigIntStats) => boolean> {
  const found = await Promise.all(
    paths.map((path) => stat(path, { bigint: true }).catch(() => undefined)),
  );
  const idOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`;
  const ids = new Set(found.flatMap((stats) => (stats ? idOf(stats) : [])));
  return (stats) => ids.has(idOf(stats));
}

/** True for what Reyns keeps beside a project's files, of this project or of another one further down. */
export function isPrivateName(name: string, siblings: readonly string[]): boolean {
  if (name === privateFolder) return true;
  const isProject = siblings.includes(privateFolder) || siblings.includes("reyns.ts");
  return name === hostConfFile && isProject;
}

/** True for the data folder of any project. */
export function isDataFolder(names: readonly string[]): boolean {
  return names.includes(dataFolderMarker);
}
