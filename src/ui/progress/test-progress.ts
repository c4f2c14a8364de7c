import type { TestEvent } from "../../model/tests.ts";
import { formatSeconds } from "../output/duration.ts";
import { isQuiet, log } from "../output/log.ts";
import { print } from "../output/print.ts";
import { sanitizeLine } from "../output/sanitize.ts";
import { isLive, paint, terminalWidth } from "../output/style.ts";
import { symbols } from "../output/symbols.ts";
import { truncate } from "../output/width.ts";
import { formatTestResult } from "../views/test-report.ts";
import { createLiveText, type LiveText } from "./live-text.ts";
import { noticeAfter } from "./slow-notice.ts";

/** Shows tests as they run; `close` has to be called after the last one. */
export interface TestProgress {
  readonly emit: (event: TestEvent) => void;
  readonly close: () => void;
}

/** When each running test was started, and shown last. */
type Running = Map<string, { readonly start: number; shown: number }>;

/**
 * Results as they come, on standard output. What runs is redrawn in place on a terminal; elsewhere, tests that take long
 * are named now and then.
 *
 * @param isSilent shows no results: one document will have them
 */
export async function createTestProgress(isSilent: boolean): Promise<TestProgress> {
  const running: Running = new Map();
  const screen = isLive("stderr") && !isQuiet() ? await createLiveText("stderr") : undefined;
  let frame = 0;
  const draw = (): void => {
    frame += 1;
    if (screen) screen.show(runningLines(running, frame).join("\n"));
    else nameSlowTests(running);
  };
  const timer = setInterval(draw, screen ? 100 : 250);
  return {
    emit: (event) => {
      const now = performance.now();
      if (event.kind === "started") return void running.set(event.name, { start: now, shown: now });
      running.delete(event.result.name);
      if (isSilent) return;
      screen?.clear();
      print(formatTestResult(event.result));
    },
    close: () => close(timer, screen),
  };
}

function close(timer: NodeJS.Timeout, screen: LiveText | undefined): void {
  clearInterval(timer);
  screen?.clear();
}

function runningLines(running: Running, frame: number): string[] {
  const { frames } = symbols();
  const mark = frames[frame % frames.length] ?? "";
  return [...running].map(([name, { start }]) => {
    const elapsed = formatSeconds((performance.now() - start) / 1000);
    const title = truncate(sanitizeLine(name), terminalWidth("stderr") - elapsed.length - 5);
    return `${paint("cyan", mark, "stderr")} ${title}  ${paint("dim", elapsed, "stderr")}`;
  });
}

function nameSlowTests(running: Running): void {
  const now = performance.now();
  for (const [name, times] of running) {
    if (now - times.shown < noticeAfter.repeat * 1000) continue;
    times.shown = now;
    log.info(`  ${sanitizeLine(name)} is running  ${formatSeconds((now - times.start) / 1000)}`);
  }
}
