import { formatSize } from "../../lib/format-size.ts";
import { formatWholeSeconds } from "../output/duration.ts";
import { isQuiet, log } from "../output/log.ts";
import { sanitizeLine } from "../output/sanitize.ts";
import { isLive } from "../output/style.ts";
import { noticeAfter } from "./slow-notice.ts";

/** Shows how much has been transferred, when it takes longer than a second; `close` has to be called at the end. */
export interface TransferLine {
  /** @param bytes all so far */
  readonly show: (bytes: number) => void;
  readonly close: () => void;
}

/** Milliseconds between two redraws on a terminal. */
const redrawInterval = 100;

/** A line that is redrawn on a terminal; elsewhere a line every ten seconds. */
export function createTransferLine(what: string): TransferLine {
  const title = sanitizeLine(what);
  const isRedrawn = isLive("stderr") && !isQuiet();
  const interval = isRedrawn ? redrawInterval : noticeAfter.repeat * 1000;
  const begun = performance.now();
  let next = begun + noticeAfter.first * 1000;
  let isDrawn = false;
  return {
    show: (bytes) => {
      const now = performance.now();
      if (now < next) return;
      next = now + interval;
      const line = `${title}  ${formatSize(bytes)}  ${formatWholeSeconds((now - begun) / 1000)}`;
      if (isRedrawn) process.stderr.write(`\r\x1b[K${line}`);
      else log.info(`  ${line}`);
      isDrawn = isRedrawn;
    },
    close: () => {
      if (isDrawn) process.stderr.write("\r\x1b[K");
    },
  };
}
