import { sanitizeForTerminal } from "../output/sanitize.ts";
import { hasColours, terminalHeight } from "../output/style.ts";

/** A text on standard output that is redrawn in place; the last one stays. */
export interface LiveText {
  readonly show: (text: string) => void;
  readonly close: () => void;
}

/** For terminals only. Shows as many lines as fit. */
export async function createLiveText(): Promise<LiveText> {
  const { createLogUpdate } = await import("log-update");
  // Hiding the cursor would install a handler that ends the process on Ctrl-C.
  const screen = createLogUpdate(process.stdout, { showCursor: true });
  return {
    show: (text) => {
      const lines = sanitizeForTerminal(text, () => (hasColours("stdout") ? "own" : "none")).split(
        "\n",
      );
      screen(lines.slice(0, terminalHeight("stdout") - 1).join("\n"));
    },
    close: () => screen.done(),
  };
}
