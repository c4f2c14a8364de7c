import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { OutputClosed, printJson, printLogLine } from "../../ui/output/print.ts";
import { sanitizeLine } from "../../ui/output/sanitize.ts";
import { paint } from "../../ui/output/style.ts";
import { parseSince } from "../args/since.ts";
import { followLogs } from "../../runtime/sessions/follow-logs.ts";
import {
  readLogs,
  type LogLine,
  type LogOptions,
  type LogSink,
  type LogSource,
} from "../../runtime/sessions/logs.ts";
import type { Engine } from "../../runtime/connect.ts";
import { findInstances, matchesQuery } from "../../plan/select/choose.ts";
import { log } from "../../ui/output/log.ts";
import { listInstances } from "../shared/context.ts";

const colours = ["cyan", "green", "magenta", "yellow", "blue", "red"] as const;

export const examples: Examples = [
  ["reyns logs web follow", "its output, as it comes"],
  ["reyns logs all follow json", "one JSON document a line, for a script"],
  ["reyns logs all since=10m", "all instances, the last ten minutes"],
  ["reyns logs db one tail=20", "the last lines of one instance"],
];

export const command = defineCommand({
  meta: {
    name: "logs",
    description:
      "Shows the output of one or several instances, each line with its instance's name. With follow, it goes on over restarts, crashes and replacements, and ends when nothing runs any more.",
  },
  args: {
    service: args.service("Name of the service, a pattern, or all", "PRESENT|all"),
    instance: args.instances,
    follow: { type: "boolean", alias: "f", description: "Keep showing new output" },
    since: {
      type: "string",
      valueHint: "TIME",
      description: "Only newer lines: for the last 90s, 10m, 2h, 1d, or since a date",
    },
    until: { type: "string", valueHint: "TIME", description: "Only older lines, as since" },
    tail: {
      type: "string",
      alias: "n",
      valueHint: "LINES",
      description: "Only the last lines",
    },
    timestamps: { type: "boolean", alias: "t", description: "Show when each line was written" },
    json: args.json,
  },
  run: async ({ args: { service, instance, follow, since, until, tail, timestamps, json } }) => {
    const options = {
      since: toPoint(since, "since"),
      until: toPoint(until, "until"),
      tail: tail ? args.parseWholeNumber(tail, "tail") : undefined,
    };
    const { engine, place, instances } = await listInstances();
    const query = { service, instance };
    const chosen = findInstances(instances, query);
    if (json && !follow) return printDocument(engine, chosen, options);
    const format = json ? formatJson : createFormat(chosen, service, timestamps ?? false);
    const { sink, closed } = createSink(format);
    if (!follow) return readLogs(engine, chosen, { ...options, signal: closed }, sink);
    const isWanted = (source: LogSource): boolean => matchesQuery(source, query);
    const { origin } = place;
    await followLogs(engine, chosen, { ...options, origin, isWanted, signal: closed }, sink);
  },
});

function toPoint(text: string | undefined, key: string): string | undefined {
  return text ? String(parseSince(text, Date.now(), key)) : undefined;
}

/** How a line is printed. */
type Format = (source: LogSource, line: LogLine) => { prefix: string; text: string };

/** Writes lines as they come, until the reader closes the pipe. */
function createSink(format: Format): { readonly sink: LogSink; readonly closed: AbortSignal } {
  const closed = new AbortController();
  const onLine = (source: LogSource, line: LogLine): void => {
    try {
      const { prefix, text } = format(source, line);
      if (!closed.signal.aborted) printLogLine(text, prefix);
    } catch (error) {
      if (!(error instanceof OutputClosed)) throw error;
      closed.abort();
    }
  };
  return { sink: { onLine, onUnreadable: warnUnreadable }, closed: closed.signal };
}

function warnUnreadable({ host }: LogSource, reason: string): void {
  log.warn(`${host}: its log cannot be read: ${reason}`);
}

const formatJson: Format = ({ service, instance }, { text, time }) => ({
  prefix: "",
  text: JSON.stringify({ service, instance, time, line: text }),
});

/** The name of the instance stands before each line, unless the call means only one. */
function createFormat(chosen: readonly LogSource[], service: string, withTime: boolean): Format {
  const isOne = chosen.length === 1 && service !== "all" && !service.includes("*");
  const width = Math.max(0, ...chosen.map(({ host }) => sanitizeLine(host).length));
  const order = chosen.map(({ host }) => host);
  const prefixOf = (host: string): string => {
    if (!order.includes(host)) order.push(host);
    const name = sanitizeLine(host).padEnd(width);
    const colour = colours[order.indexOf(host) % colours.length] ?? "cyan";
    return `${paint(colour, `${name} |`, "stdout")} `;
  };
  return ({ host }, { text, time }) => ({
    prefix: `${isOne ? "" : prefixOf(host)}${withTime ? `${paint("dim", time, "stdout")} ` : ""}`,
    text,
  });
}

async function printDocument(
  engine: Engine,
  chosen: readonly LogSource[],
  options: Omit<LogOptions, "follow">,
): Promise<void> {
  const lines: object[] = [];
  await readLogs(engine, chosen, options, {
    onLine: ({ service, instance }, { text, time }) =>
      lines.push({ service, instance, time, line: text }),
    onUnreadable: warnUnreadable,
  });
  printJson(lines);
}
