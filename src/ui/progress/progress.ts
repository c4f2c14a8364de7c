import type { RuntimeEvent } from "../../runtime/events.ts";
import type { Step } from "../../model/steps.ts";
import { log } from "../output/log.ts";
import { isQuiet, say } from "../output/print.ts";
import { formatElapsed, permanentLine, liveLines, currentPhase } from "./lines.ts";
import { createBoard, type BoardEntry } from "./board.ts";
import { truncate, terminalHeight, isLive, terminalWidth } from "../output/style.ts";

/** Shows the engine's events as they come; `close` when no more will. */
export interface ProgressDisplay {
  readonly emit: (event: RuntimeEvent) => void;
  readonly close: () => void;
}

interface ProgressOptions {
  /** Everything that is going to be done. */
  readonly steps: readonly Step[];
  /** Show each line of a build. */
  readonly verbose: boolean;
}

/** On a terminal the steps under way are redrawn in place; elsewhere there are lines for what takes long and what ends. */
export async function createProgress(settings: ProgressOptions): Promise<ProgressDisplay> {
  const isDrawn = isLive("stderr") && !settings.verbose && !isQuiet();
  return isDrawn ? liveProgress(settings) : plainProgress(settings);
}

/** Seconds after which a step is heard of, and after which it is again. */
const [longAfter, againAfter] = [1, 10];

/** More than this at once are counted, not listed. */
const atOnce = 8;

function plainProgress({ steps, verbose }: ProgressOptions): ProgressDisplay {
  const board = createBoard(steps);
  const said = new Map<BoardEntry, number>();
  const now = (): number => performance.now() / 1000;
  const tell = (entry: BoardEntry): void => {
    const elapsed = `  ${formatElapsed(entry, performance.now())}`;
    const text = `  ${entry.step.title} ${currentPhase(entry)}`;
    say(`${truncate(text, terminalWidth("stderr") - elapsed.length)}${elapsed}`);
    said.set(entry, now());
  };
  const isDue = (entry: BoardEntry): boolean => {
    const last = said.get(entry);
    return last === undefined
      ? now() - entry.since / 1000 >= longAfter
      : now() - last >= againAfter;
  };
  const tellWhatTakesLong = (): void => {
    const due = board.running().filter(isDue);
    due.slice(0, atOnce).forEach(tell);
    const more = due.slice(atOnce);
    if (more.length > 0) say(`  and ${more.length} more are under way`);
    for (const entry of more) said.set(entry, now());
  };
  const timer = setInterval(tellWhatTakesLong, 250);
  return {
    emit: (event) => {
      const entry = board.apply(event, performance.now());
      if (event.kind === "warning") return log.warn(event.message);
      if (event.kind === "output" && verbose) say(`  ${event.step.title} | ${event.line}`);
      // Whoever has been heard of is heard of at each change.
      if (event.kind === "phase" && entry && said.has(entry)) tell(entry);
      const line = permanentLine(event);
      if (line !== undefined) say(line);
    },
    close: () => clearInterval(timer),
  };
}

async function liveProgress({ steps }: ProgressOptions): Promise<ProgressDisplay> {
  const { createLogUpdate } = await import("log-update");
  // Hiding the cursor would bring in a handler that ends the process on Ctrl-C, before what runs is named.
  const screen = createLogUpdate(process.stderr, { showCursor: true });
  const board = createBoard(steps);
  const begun = performance.now();
  let frame = 0;
  const draw = (): void => {
    const size = { width: terminalWidth("stderr"), height: terminalHeight("stderr") };
    const lines = liveLines(board, { ...size, now: performance.now(), begun, frame });
    screen(lines.join("\n"));
  };
  const timer = setInterval(() => {
    frame += 1;
    draw();
  }, 100);
  const keep = (line: string): void => {
    screen.clear();
    say(line);
    draw();
  };
  return {
    emit: (event) => {
      board.apply(event, performance.now());
      if (event.kind === "warning") {
        screen.clear();
        return log.warn(event.message);
      }
      const line = permanentLine(event);
      if (line !== undefined) keep(line);
    },
    close: () => {
      clearInterval(timer);
      screen.clear();
    },
  };
}
