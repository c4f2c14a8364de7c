import { sanitizeForTerminal } from "../output/sanitize.ts";
import { hasColours, terminalHeight, type StandardStream } from "../output/style.ts";

/** A text that is redrawn in place. */
export interface LiveText {
  readonly show: (text: string) => void;
  /** Removes it, for lines that are to stay above the next one. */
  readonly clear: () => void;
  /** Leaves it where it is. */
  readonly keep: () => void;
}

/** For terminals only. Shows as many lines as fit, and keeps the colours that `paint` adds. */
export async function createLiveText(stream: StandardStream): Promise<LiveText> {
  const { createLogUpdate } = await import("log-update");
  // Hiding the cursor would install a handler that ends the process on Ctrl-C, before running instances are listed.
  const screen = createLogUpdate(process[stream], { showCursor: true });
  return {
    show: (text) => {
      const shown = sanitizeForTerminal(text, () => (hasColours(stream) ? "own" : "none"));
      screen(
        shown
          .split("\n")
          .slice(0, terminalHeight(stream) - 1)
          .join("\n"),
      );
    },
    clear: () => screen.clear(),
    keep: () => screen.done(),
  };
}
