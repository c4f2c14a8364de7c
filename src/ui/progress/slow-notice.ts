import { isQuiet, log } from "../output/log.ts";
import { drawLine, eraseLine } from "../output/print.ts";
import { isLive, isTerminal } from "../output/style.ts";

/** Seconds after which a notice says that something takes long, and after which it is repeated. */
export const noticeAfter = { first: 1, repeat: 10 } as const;

/**
 * Waits for a promise; a notice on standard error says so when it takes longer than a second, then every ten. On a terminal
 * it is one line, which is gone afterwards.
 *
 * @param printsOutput the terminal is another program's meanwhile, so that lines stay where they are
 */
export async function withSlowNotice<Value>(
  what: string,
  promise: Promise<Value>,
  { printsOutput = false } = {},
): Promise<Value> {
  const isRedrawn = isLive("stderr") && !isQuiet() && !printsOutput;
  const start = performance.now();
  let next: number = noticeAfter.first;
  const showNotice = (): void => {
    const seconds = Math.floor((performance.now() - start) / 1000);
    if (seconds < next || isPromptOpen()) return;
    next = seconds + (isRedrawn ? 1 : noticeAfter.repeat);
    if (isRedrawn) drawLine(`  ${what}  ${seconds}s`);
    else log.info(`  ${what}  ${seconds}s`);
  };
  const timer = setInterval(showNotice, 250);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
    eraseLine();
  }
}

/** A prompt reads the terminal key by key, and would be torn apart by other lines. */
function isPromptOpen(): boolean {
  return isTerminal("stderr") && process.stdin.isRaw;
}
