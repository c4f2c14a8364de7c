import type { FileHandle } from "node:fs/promises";

const chunkSize = 256 * 1024;

/** Reads as many bytes as an archive's header says. A file that has become shorter is filled up with zeros, like GNU tar. */
export async function* readExactly(handle: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let position = 0; position < size;) {
    const length = Math.min(chunkSize, size - position);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, position);
    const chunk = bytesRead === 0 ? buffer : buffer.subarray(0, bytesRead);
    yield chunk;
    position += chunk.length;
  }
}
