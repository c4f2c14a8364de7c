import type { LogLine, LogSink, LogSource } from "../../runtime/sessions/logs.ts";
import { log } from "../../ui/output/log.ts";
import { OutputClosed, printLogLine } from "../../ui/output/print.ts";
import { sanitizeLine } from "../../ui/output/sanitize.ts";
import { paint } from "../../ui/output/style.ts";

const colours = ["cyan", "green", "magenta", "yellow", "blue", "red"] as const;

/** Prints a line of a log. */
export type LogPrinter = (source: LogSource, line: LogLine) => void;

/** Writes lines as they come, until the reader closes the pipe. */
export function createLogSink(printLine: LogPrinter): {
  readonly sink: LogSink;
  /** Aborted when nobody reads any more. */
  readonly closed: AbortSignal;
} {
  const closed = new AbortController();
  const onLine = (source: LogSource, line: LogLine): void => {
    try {
      if (!closed.signal.aborted) printLine(source, line);
    } catch (error) {
      if (!(error instanceof OutputClosed)) throw error;
      closed.abort();
    }
  };
  return { sink: { onLine, onUnreadable: warnUnreadable }, closed: closed.signal };
}

export function warnUnreadable({ host }: LogSource, reason: string): void {
  log.warn(`${host}: its log cannot be read: ${reason}`);
}

interface PrefixOptions {
  /** The instances that are known at the start, for the width and the colours. */
  readonly hosts: readonly string[];
  /** Whether the name of the instance stands before each line. */
  readonly isNamed: boolean;
  readonly withTime: boolean;
}

/** Each line with the name of its instance, in a colour of its own. */
export function createLogPrinter({ hosts, isNamed, withTime }: PrefixOptions): LogPrinter {
  const width = Math.max(0, ...hosts.map((host) => sanitizeLine(host).length));
  const order = [...hosts];
  const prefixOf = (host: string): string => {
    if (!order.includes(host)) order.push(host);
    const name = sanitizeLine(host).padEnd(width);
    const colour = colours[order.indexOf(host) % colours.length] ?? "cyan";
    return `${paint(colour, `${name} |`, "stdout")} `;
  };
  return ({ host }, { text, bytes, time, endsWithReturn }) => {
    const moment = withTime ? `${paint("dim", time, "stdout")} ` : "";
    const ending = endsWithReturn ? "\r" : "";
    const written = bytes && Buffer.concat([bytes, Buffer.from(ending)]);
    printLogLine(`${text}${ending}`, `${isNamed ? prefixOf(host) : ""}${moment}`, written);
  };
}
