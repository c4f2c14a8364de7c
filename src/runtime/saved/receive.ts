import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ReynsError } from "../../errors.ts";

/** A file that is read twice: once to verify it. */
export interface ReceivedFile extends AsyncDisposable {
  readonly path: string;
  /** As errors call it. */
  readonly name: string;
}

/**
 * Keeps standard input in a temporary file.
 *
 * @param file `-` for standard input
 * @throws ReynsError INVALID_VALUE for a terminal; the file system's errors
 */
export async function receiveFile(file: string, signal: AbortSignal): Promise<ReceivedFile> {
  if (file !== "-") return { path: file, name: file, [Symbol.asyncDispose]: async () => {} };
  if (process.stdin.isTTY)
    throw new ReynsError("INVALID_VALUE", "standard input is a terminal, and no file of save", {
      hint: "for example: ssh HOST cat shop.reyns | reyns load -",
    });
  const folder = await mkdtemp(join(tmpdir(), "reyns-load-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const path = join(folder, "standard-input");
  try {
    await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }), { signal });
    return { path, name: "standard input", [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
