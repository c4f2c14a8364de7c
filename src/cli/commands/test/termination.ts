import { listenForInterrupt } from "../../common/interrupt.ts";

/** Work that Ctrl-C and SIGTERM end in order, as does a terminal that closes: there is something to remove. */
export async function withTermination<Value>(
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const { controller, stop } = listenForInterrupt(() => {});
  const onHangUp = (): void => void process.kill(process.pid, "SIGTERM");
  process.on("SIGHUP", onHangUp);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGHUP", onHangUp);
    stop();
  }
}
