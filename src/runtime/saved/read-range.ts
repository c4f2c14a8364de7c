import type { FileHandle } from "node:fs/promises";

const chunkSize = 256 * 1024;

/** Reads a part of a file; ends early where the file does. */
export async function* readRange(
  handle: FileHandle,
  start: number,
  end: number,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  for (let position = start; position < end;) {
    signal?.throwIfAborted();
    const length = Math.min(chunkSize, end - position);
    const { bytesRead, buffer } = await handle.read(
      Buffer.allocUnsafe(length),
      0,
      length,
      position,
    );
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}
