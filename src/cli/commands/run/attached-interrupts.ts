/** Ctrl-C and SIGTERM while instances are attached. */
export interface Interrupts {
  /** Aborted by the first one. */
  readonly signal: AbortSignal;
  readonly stop: () => void;
}

/** @param onSecond called at the second one, and at each that follows */
export function listenForInterrupts(onSecond: () => void): Interrupts {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) onSecond();
    controller.abort();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    stop: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
