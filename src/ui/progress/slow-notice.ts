import { log } from "../output/log.ts";
import { isTerminal } from "../output/style.ts";

/** Seconds after which a notice says that something takes long, and after which it is repeated. */
export const noticeAfter = { first: 1, repeat: 10 } as const;

/** Waits for a promise; a notice on standard error says so when it takes longer than a second, then every ten. */
export async function withSlowNotice<Value>(what: string, promise: Promise<Value>): Promise<Value> {
  const start = performance.now();
  let next: number = noticeAfter.first;
  const showNotice = (): void => {
    const seconds = Math.floor((performance.now() - start) / 1000);
    if (seconds < next || isPromptOpen()) return;
    next = seconds + noticeAfter.repeat;
    log.info(`  ${what}  ${seconds}s`);
  };
  const timer = setInterval(showNotice, 250);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
  }
}

/** A prompt reads the terminal key by key, and would be torn apart by other lines. */
function isPromptOpen(): boolean {
  return isTerminal("stderr") && process.stdin.isRaw;
}
