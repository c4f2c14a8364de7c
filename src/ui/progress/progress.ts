import type { EngineEvent } from "../../runtime/events.ts";
import type { Step } from "../../model/steps.ts";
import { log } from "../output/log.ts";
import { isQuiet, say } from "../output/print.ts";
import { elapsedOf, lastingLine, liveLines, whereItIs } from "./lines.ts";
import { createBoard, type Entry } from "./board.ts";
import { clip, heightOf, isLive, widthOf } from "../output/style.ts";

/** Shows the engine's events as they come; `close` when no more will. */
export interface Progress {
  readonly emit: (event: EngineEvent) => void;
  readonly close: () => void;
}

interface Settings {
  /** Everything that is going to be done. */
  readonly steps: readonly Step[];
  /** Show each line of a build. */
  readonly verbose: boolean;
}

/** On a terminal the steps under way are redrawn in place; elsewhere there are lines for what takes long and what ends. */
export async function createProgress(settings: Settings): Promise<Progress> {
  const isDrawn = isLive("stderr") && !settings.verbose && !isQuiet();
  return isDrawn ? liveProgress(settings) : plainProgress(settings);
}

/** Seconds after which a step is heard of, and after which it is again. */
const [longAfter, againAfter] = [1, 10];

/** More than this at once are counted, not listed. */
const atOnce = 8;

function plainProgress({ steps, verbose }: Settings): Progress {
  const board = createBoard(steps);
  const said = new Map<Entry, number>();
  const now = (): number => performance.now() / 1000;
  const tell = (entry: Entry): void => {
    const elapsed = `  ${elapsedOf(entry, performance.now())}`;
    const text = `  ${entry.step.title} ${whereItIs(entry)}`;
    say(`${clip(text, widthOf("stderr") - elapsed.length)}${elapsed}`);
    said.set(entry, now());
  };
  const isDue = (entry: Entry): boolean => {
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
      const line = lastingLine(event);
      if (line !== undefined) say(line);
    },
    close: () => clearInterval(timer),
  };
}

async function liveProgress({ steps }: Settings): Promise<Progress> {
  const { createLogUpdate } = await import("log-update");
  // Hiding the cursor would bring in a handler that ends the process on Ctrl-C, before what runs is named.
  const screen = createLogUpdate(process.stderr, { showCursor: true });
  const board = createBoard(steps);
  const begun = performance.now();
  let frame = 0;
  const draw = (): void => {
    const size = { width: widthOf("stderr"), height: heightOf("stderr") };
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
      const line = lastingLine(event);
      if (line !== undefined) keep(line);
    },
    close: () => {
      clearInterval(timer);
      screen.clear();
    },
  };
}
