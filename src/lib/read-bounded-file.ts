import { constants, open } from "node:fs/promises";

export interface BoundedFile {
  readonly content: Buffer;
  /** Its permissions on this host. */
  readonly mode: number;
}

/**
 * Reads a regular file whole. Never waits for a pipe or a device.
 *
 * @throws Error when it cannot be read, is of another kind, or is larger than `maxBytes`
 */
export async function readBoundedFile(path: string, maxBytes: number): Promise<BoundedFile> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) throw new Error("it is a folder");
    if (!stats.isFile()) throw new Error("it is not a regular file");
    const content = stats.size > maxBytes ? undefined : await handle.readFile();
    if (!content || content.length > maxBytes)
      throw new Error(`it is larger than ${maxBytes / 1024 ** 2} MiB`);
    return { content, mode: stats.mode & 0o777 };
  } finally {
    await handle.close();
  }
}
