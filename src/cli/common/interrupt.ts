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
