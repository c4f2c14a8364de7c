import { ReynsError } from "../../errors.ts";

const signals = ["SIGINT", "SIGTERM"] as const;

interface InterruptListener {
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly controller: AbortController;
  readonly stop: () => void;
}

/** Listens for the first Ctrl-C or SIGTERM; a second one ends the process at once. */
export function listenForInterrupt(): InterruptListener {
  const controller = new AbortController();
  const onSignal = (): void => controller.abort();
  for (const signal of signals) process.once(signal, onSignal);
  const stop = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  return { controller, stop };
}

/**
 * Does work that Ctrl-C and SIGTERM break off, and that leaves nothing behind then.
 *
 * @throws ReynsError INTERRUPTED
 */
export async function withInterrupt<Value>(
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const { controller, stop } = listenForInterrupt();
  const { signal } = controller;
  try {
    return await work(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new ReynsError("INTERRUPTED", "interrupted; nothing was changed", { cause: error });
  } finally {
    stop();
  }
}
