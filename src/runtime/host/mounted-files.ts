import { realpathSync, statSync } from "node:fs";
import { sep } from "node:path";
import { readUnlinkedFile } from "../../lib/read-regular-file.ts";
import { sha256Hex } from "../../lib/sha256.ts";

/** Bytes. Larger files are data rather than settings, and reading them would slow every run down. */
const largestFile = 1024 * 1024;

/**
 * Reads what is in the given files, as far as they are regular files in the folder, of at most 1 MiB. All others are left
 * out: folders, pipes and devices, what cannot be read, and links that lead out of the folder.
 *
 * @returns path -> digest
 */
export function digestFiles(paths: readonly string[], folder: string): ReadonlyMap<string, string> {
  const found = paths.map((path) => [path, digestFile(path, folder)] as const);
  return new Map(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function digestFile(path: string, folder: string): string | undefined {
  try {
    const real = realpathSync(path);
    if (!real.startsWith(folder + sep) || statSync(real).size > largestFile) return undefined;
    return sha256Hex(readUnlinkedFile(real));
  } catch {
    return undefined;
  }
}
