import type { Readable, Writable } from "node:stream";

/** Resolves when a stream has ended, for whatever reason; one that has been destroyed emits nothing any more. */
export function whenEnded(stream: Readable | Writable): Promise<void> {
  if (stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    for (const end of ["end", "close", "error"]) stream.once(end, () => resolve());
  });
}

/** Destroys a stream when the signal aborts, or at once if it already has. */
export function destroyOnAbort(signal: AbortSignal, stream: Readable): void {
  if (signal.aborted) stream.destroy();
  else signal.addEventListener("abort", () => void stream.destroy(), { once: true });
}
