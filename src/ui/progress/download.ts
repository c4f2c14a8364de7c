import { isQuiet, say } from "../output/print.ts";
import { isLive, symbols, widthOf } from "../output/style.ts";

/** Shows how far a download is; `close` when it has ended, however. */
export interface DownloadLine {
  readonly show: (done: number, total: number | undefined) => void;
  readonly close: () => void;
}

/** On a terminal a line that is redrawn; elsewhere one when it begins. */
export function downloadLine(what: string): DownloadLine {
  return isLive("stderr") && !isQuiet() ? liveLine(what) : plainLine(what);
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

function plainLine(what: string): DownloadLine {
  say(`downloading ${what}`);
  return { show: () => {}, close: () => {} };
}

function liveLine(what: string): DownloadLine {
  let drawn = -Infinity;
  return {
    show: (done, total) => {
      const now = performance.now();
      if (now - drawn < 100) return;
      drawn = now;
      const size = total === undefined ? "" : ` of ${megabytes(total)}`;
      process.stderr.write(`\r\x1b[K${bar(done, total)}${what}  ${megabytes(done)}${size}`);
    },
    close: () => void process.stderr.write("\r\x1b[K"),
  };
}

function bar(done: number, total: number | undefined): string {
  if (total === undefined || widthOf("stderr") < 60) return "";
  const length = 20;
  const full = Math.min(length, Math.round((length * done) / total));
  const signs = symbols();
  return `${signs.bar.repeat(full)}${signs.rest.repeat(length - full)}  `;
}
