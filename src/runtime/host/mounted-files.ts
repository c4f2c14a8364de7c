import { constants } from "node:fs";
import { open, realpath, type FileHandle } from "node:fs/promises";
import { sep } from "node:path";

/** Bytes. Larger files are data rather than settings, and reading them would slow every run down. */
const largestFile = 1024 * 1024;

/**
 * Reads what is in the given files, as far as they are regular files in the folder, of at most 1 MiB. All others are left
 * out: folders, pipes and devices, what cannot be read, and links that lead out of the folder.
 *
 * @returns path -> digest
 */
export async function digestFiles(
  paths: readonly string[],
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(
    paths.map(async (path) => [path, await digestFile(path, folder).catch(() => undefined)]),
  );
  return new Map(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

async function digestFile(path: string, folder: string): Promise<string | undefined> {
  const real = await realpath(path);
  if (!real.startsWith(folder + sep)) return undefined;
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  const handle = await open(real, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  try {
    return await digestContent(handle);
  } finally {
    await handle.close();
  }
}

async function digestContent(handle: FileHandle): Promise<string | undefined> {
  const stats = await handle.stat();
  if (!stats.isFile() || stats.size > largestFile) return undefined;
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(stats.size));
  return Bun.CryptoHasher.hash("sha256", buffer.subarray(0, bytesRead), "hex");
}
