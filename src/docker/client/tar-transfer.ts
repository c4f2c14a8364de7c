import type { Engine } from "./engine.ts";
import { translateError } from "./errors.ts";
import { connectionLost, onTimeout, timeoutError } from "./timeouts.ts";

/** A tar ends with as many zeros. */
const endOfTar = 1024;

/**
 * Gets a tar, which may take any time, and yields it as it comes.
 *
 * @throws ReynsError NO_ENGINE also when the tar breaks off, ENGINE_REFUSED
 */
export async function* downloadTar(
  engine: Engine,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const silence = new AbortController();
  const stop = onTimeout({ ...engine.timeout, quick: false }, () => silence.abort());
  let end: Buffer = Buffer.alloc(0);
  try {
    const either = AbortSignal.any([signal, silence.signal]);
    for await (const bytes of engine.download(path, either)) {
      end = bytes.length < endOfTar ? Buffer.concat([end, bytes]) : bytes;
      end = end.subarray(-endOfTar);
      yield bytes;
    }
    if (silence.signal.aborted) throw timeoutError(engine.timeout.milliseconds);
    const isWhole = end.length === endOfTar && end.every((byte) => byte === 0);
    if (!isWhole && !signal.aborted) throw connectionLost();
  } catch (error) {
    throw translateError(engine, error);
  } finally {
    stop();
  }
}

/** Reads on only when the connection takes more. */
export function toStream(bytes: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const chunks = bytes[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { value, done } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => void (await chunks.return?.()),
    },
    { highWaterMark: 0 },
  );
}
