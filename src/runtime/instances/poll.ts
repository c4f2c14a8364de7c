/**
 * Checks again and again until the condition is met or the signal aborts, with pauses that grow from 10 to 100 ms, and
 * that are longer after a check that takes long itself.
 */
export async function poll(signal: AbortSignal, condition: () => Promise<boolean>): Promise<void> {
  for (let pauseMs = 10; !signal.aborted; pauseMs = Math.min(pauseMs * 1.5, 100)) {
    const started = performance.now();
    if (await condition()) return;
    // Each command in a container costs the Engine about 70 ms of CPU.
    const tookMs = performance.now() - started;
    await Bun.sleep(Math.max(pauseMs, Math.min(2 * tookMs, 500)));
  }
}
