import type { BigIntStats } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { isDataFolder, isPrivateName, type ContextRules } from "./context-rules.ts";

export interface ContextEntry {
  /** Path below the context, with slashes. */
  readonly name: string;
  readonly path: string;
  readonly type: "file" | "directory" | "symlink";
  readonly mode: number;
}

/** Lists a build context, sorted by name. What disappears meanwhile is left out. */
export async function walkContext(folder: string, rules: ContextRules): Promise<ContextEntry[]> {
  return walkNames(folder, await readdir(folder), rules, "");
}

async function walkNames(
  folder: string,
  names: readonly string[],
  rules: ContextRules,
  below: string,
): Promise<ContextEntry[]> {
  const entries = await Promise.all(
    names
      .filter((name) => !isPrivateName(name, names))
      .toSorted()
      .map((name) => walkEntry(folder, `${below}${name}`, rules)),
  );
  return entries.flat();
}

async function walkEntry(
  folder: string,
  name: string,
  rules: ContextRules,
): Promise<ContextEntry[]> {
  const path = join(folder, name);
  const stats = await ifExists(lstat(path, { bigint: true })).catch(throwCannotPack(path));
  if (!stats || rules.isPrivate(stats)) return [];
  const entry = { name, path, mode: Number(stats.mode) & 0o7777 };
  const isIncluded = rules.includes(name);
  if (stats.isDirectory()) {
    if (!isIncluded && !rules.hasExceptions) return [];
    const names = (await ifExists(readdir(path)).catch(throwCannotPack(path))) ?? [];
    if (isDataFolder(names)) return [];
    const inside = await walkNames(folder, names, rules, `${name}/`);
    return isIncluded || inside.length > 0 ? [{ ...entry, type: "directory" }, ...inside] : [];
  }
  const type = typeOf(stats);
  return isIncluded && type ? [{ ...entry, type }] : [];
}

/** Sockets and devices are left out. */
function typeOf(stats: BigIntStats): "file" | "symlink" | undefined {
  if (stats.isSymbolicLink()) return "symlink";
  return stats.isFile() ? "file" : undefined;
}

/** Resolves to undefined for what has disappeared since its folder was read, or has become something else. */
export async function ifExists<Value>(pending: Promise<Value>): Promise<Value | undefined> {
  try {
    return await pending;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR", "ELOOP", "EINVAL"].includes(code)) return undefined;
    throw error;
  }
}

/** Catches an error of a file that belongs to the context. */
export function throwCannotPack(path: string): (error: unknown) => never {
  return (cause) => {
    const hint = "exclude it with .dockerignore, or make it readable for this user";
    const message = `cannot pack ${path}: ${(cause as Error).message}`;
    throw new ReynsError("FILE_REFUSED", message, { hint, cause });
  };
}
