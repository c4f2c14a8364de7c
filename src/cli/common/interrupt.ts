import { hasCode, ReynsError } from "../../errors.ts";

const signals = ["SIGINT", "SIGTERM"] as const;

export type Signal = (typeof signals)[number];

/** Ctrl-C and SIGTERM of one call. */
interface InterruptListener {
  /** Aborted by the first one, and by what else breaks the call off, which counts as no signal. */
  readonly controller: AbortController;
  readonly stop: () => void;
}

/** Called at the second signal, and at each that follows. */
type OnAgain = (signal: Signal) => void;

interface Listener {
  readonly controller: AbortController;
  readonly onAgain: OnAgain | undefined;
  /** A signal has come. */
  isInterrupted: boolean;
}

/**
 * Milliseconds in which another signal is the same interruption: `timeout` sends one to the process and one to its group,
 * as do programs that pass on the Ctrl-C that the terminal has sent to all.
 */
const sameInterruption = 500;

const listeners = new Set<Listener>();
let lastInterruption = -Infinity;

/**
 * Listens for the first Ctrl-C or SIGTERM; a second one ends the process at once, unless `onAgain` is given.
 *
 * @param isInterrupted the first one has come before
 */
export function listenForInterrupt(onAgain?: OnAgain, isInterrupted = false): InterruptListener {
  const controller = new AbortController();
  if (isInterrupted) controller.abort();
  const listener: Listener = { controller, onAgain, isInterrupted };
  if (listeners.size === 0) for (const signal of signals) process.on(signal, onSignal);
  listeners.add(listener);
  const stop = (): void => {
    listeners.delete(listener);
    if (listeners.size === 0) ignoreSignals();
  };
  return { controller, stop };
}

function onSignal(signal: Signal): void {
  const now = performance.now();
  if (now - lastInterruption < sameInterruption) return;
  lastInterruption = now;
  const all = [...listeners];
  const isAgain = all.every(({ isInterrupted }) => isInterrupted);
  for (const listener of all) {
    if (listener.isInterrupted) listener.onAgain?.(signal);
    else {
      listener.isInterrupted = true;
      listener.controller.abort();
    }
  }
  if (isAgain && !all.some(({ onAgain }) => onAgain)) endProcess(signal);
}

/** Ends this process as a signal does that nobody listens for. */
export function endProcess(signal: Signal): void {
  ignoreSignals();
  process.kill(process.pid, signal);
}

function ignoreSignals(): void {
  for (const signal of signals) process.off(signal, onSignal);
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
    if (!signal.aborted || hasCode(error, "INTERRUPTED")) throw error;
    throw new ReynsError("INTERRUPTED", "interrupted; nothing was changed", { cause: error });
  } finally {
    stop();
  }
}
