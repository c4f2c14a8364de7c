import { listenForInterrupts } from "../run/attached-interrupts.ts";

/** Work that Ctrl-C and SIGTERM end in order, as does a terminal that closes: there is something to remove. */
export async function withTermination<Value>(
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const interrupts = listenForInterrupts(() => {});
  const onHangUp = (): void => void process.kill(process.pid, "SIGTERM");
  process.on("SIGHUP", onHangUp);
  try {
    return await work(interrupts.signal);
  } finally {
    process.off("SIGHUP", onHangUp);
    interrupts.stop();
  }
}
