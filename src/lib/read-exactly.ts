import type { FileHandle } from "node:fs/promises";

/** Bytes. Each chunk costs a few hundred microseconds on its way through streams to the Engine. */
const chunkSize = 1024 * 1024;

/** Reads as many bytes as an archive's header says. A file that has become shorter is filled up with zeros, like GNU tar. */
export async function* readExactly(handle: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let position = 0; position < size;) {
    const length = Math.min(chunkSize, size - position);
    const { bytesRead, buffer } = await handle.read(
      Buffer.allocUnsafe(length),
      0,
      length,
      position,
    );
    const chunk = bytesRead === 0 ? Buffer.alloc(length) : buffer.subarray(0, bytesRead);
    yield chunk;
    position += chunk.length;
  }
}
