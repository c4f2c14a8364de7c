import type { RuntimeEvent } from "../../runtime/events.ts";
import type { Step } from "../../model/steps.ts";
import { isQuiet, log } from "../output/log.ts";
import { isLive, terminalHeight, terminalWidth } from "../output/style.ts";
import { truncate } from "../output/width.ts";
import { createBoard, type BoardEntry } from "./board.ts";
import { liveLines } from "./live-lines.ts";
import { createLiveText } from "./live-text.ts";
import { noticeAfter } from "./slow-notice.ts";
import { currentPhase, formatElapsed, permanentLine, titleOf } from "./step-lines.ts";

/** Shows the events of a run as they come; `close` has to be called after the last one. */
export interface ProgressDisplay {
  readonly emit: (event: RuntimeEvent) => void;
  readonly close: () => void;
}

interface ProgressOptions {
  /** All steps of the plan. */
  readonly steps: readonly Step[];
  /** Shows each line of a build. */
  readonly verbose: boolean;
  /** Redraws nothing, as other output comes meanwhile. */
  readonly isPlain?: boolean;
}

/** On a terminal the running steps are redrawn in place; elsewhere steps that take long or end get a line. */
export async function createProgress(options: ProgressOptions): Promise<ProgressDisplay> {
  const isDrawn = isLive("stderr") && !options.verbose && !options.isPlain && !isQuiet();
  return isDrawn ? createLiveProgress(options) : createPlainProgress(options);
}

/** When more steps than this take long at once, the others are counted, not listed. */
const maxListed = 8;

function createPlainProgress({ steps, verbose }: ProgressOptions): ProgressDisplay {
  const board = createBoard(steps);
  /** When each step was shown last, in seconds. */
  const shownAt = new Map<BoardEntry, number>();
  const now = (): number => performance.now() / 1000;
  const show = (entry: BoardEntry): void => {
    const elapsed = `  ${formatElapsed(entry, performance.now())}`;
    const text = `  ${titleOf(entry.step)} ${currentPhase(entry)}`;
    log.info(`${truncate(text, terminalWidth("stderr") - elapsed.length)}${elapsed}`);
    shownAt.set(entry, now());
  };
  const isDue = (entry: BoardEntry): boolean => {
    const last = shownAt.get(entry);
    return last === undefined
      ? now() - entry.since / 1000 >= noticeAfter.first
      : now() - last >= noticeAfter.repeat;
  };
  const showSlowSteps = (): void => {
    const due = board.running().filter(isDue);
    due.slice(0, maxListed).forEach(show);
    const others = due.slice(maxListed);
    if (others.length > 0) log.info(`  and ${others.length} more running`);
    for (const entry of others) shownAt.set(entry, now());
  };
  const timer = setInterval(showSlowSteps, 250);
  return {
    emit: (event) => {
      const entry = board.apply(event, performance.now());
      if (event.kind === "warning") return log.warn(event.message);
      if (event.kind === "output" && verbose) log.info(`  ${event.step.title} | ${event.line}`);
      // A step that was shown once is shown again at each change; a build at each of its instructions.
      const isInstruction = event.kind === "progress" && event.step.kind === "build-image";
      const isChange = event.kind === "phase" || event.kind === "stopping" || isInstruction;
      if (isChange && entry && shownAt.has(entry)) show(entry);
      const line = permanentLine(event);
      if (line !== undefined) log.info(line);
    },
    close: () => clearInterval(timer),
  };
}

async function createLiveProgress({ steps }: ProgressOptions): Promise<ProgressDisplay> {
  const screen = await createLiveText("stderr");
  const board = createBoard(steps);
  const begun = performance.now();
  let frame = 0;
  const draw = (): void => {
    const size = { width: terminalWidth("stderr"), height: terminalHeight("stderr") };
    const lines = liveLines(board, { ...size, now: performance.now(), begun, frame });
    screen.show(lines.join("\n"));
  };
  const timer = setInterval(() => {
    frame += 1;
    draw();
  }, 100);
  return {
    emit: (event) => {
      board.apply(event, performance.now());
      const line = permanentLine(event);
      if (event.kind !== "warning" && line === undefined) return;
      screen.clear();
      if (event.kind === "warning") return log.warn(event.message);
      log.info(line);
      draw();
    },
    close: () => {
      clearInterval(timer);
      screen.clear();
    },
  };
}
