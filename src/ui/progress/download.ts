import { isQuiet, log } from "../output/log.ts";
import { sanitizeLine } from "../output/sanitize.ts";
import { isLive, terminalWidth } from "../output/style.ts";
import { symbols } from "../output/symbols.ts";

/** Shows the progress of a download; `close` has to be called when it ends. */
export interface DownloadLine {
  readonly show: (done: number, total: number | undefined) => void;
  readonly close: () => void;
}

/** A line that is redrawn on a terminal; elsewhere one line at the start. */
export function createDownloadLine(name: string): DownloadLine {
  return isLive("stderr") && !isQuiet() ? liveLine(sanitizeLine(name)) : plainLine(name);
}

const formatMegabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

function plainLine(name: string): DownloadLine {
  log.info(`downloading ${name}`);
  return { show: () => {}, close: () => {} };
}

const redrawInterval = 100;

function liveLine(name: string): DownloadLine {
  let drawn = -Infinity;
  return {
    show: (done, total) => {
      const now = performance.now();
      if (now - drawn < redrawInterval) return;
      drawn = now;
      const size = total === undefined ? "" : ` of ${formatMegabytes(total)}`;
      process.stderr.write(
        `\r\x1b[K${formatBar(done, total)}${name}  ${formatMegabytes(done)}${size}`,
      );
    },
    close: () => void process.stderr.write("\r\x1b[K"),
  };
}

function formatBar(done: number, total: number | undefined): string {
  if (total === undefined || terminalWidth("stderr") < 60) return "";
  const length = 20;
  const full = Math.min(length, Math.round((length * done) / total));
  const { bar, rest } = symbols();
  return `${bar.repeat(full)}${rest.repeat(length - full)}  `;
}
