import { isPattern } from "../../plan/select/match.ts";
import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { printJson, printJsonLine } from "../../ui/output/print.ts";
import { parseSince } from "../args/since.ts";
import { followLogs } from "../../runtime/sessions/follow-logs.ts";
import { readLogs, type LogOptions, type LogSource } from "../../runtime/sessions/logs.ts";
import type { Engine } from "../../runtime/connect.ts";
import { findInstances, matchesQuery } from "../../plan/select/choose.ts";
import { listInstances } from "../common/context.ts";
import {
  createLogPrinter,
  createLogSink,
  warnUnreadable,
  type LogPrinter,
} from "../common/log-lines.ts";

export const examples: Examples = [
  ["reyns logs web follow", "its output, as it comes"],
  ["reyns logs follow", "of all instances"],
  ["reyns logs all follow json", "one JSON document a line, for a script"],
  ["reyns logs all since=10m", "all instances, the last ten minutes"],
  ["reyns logs db one tail=20", "the last lines of one instance"],
  ["reyns logs all prefix=false", "without the names before the lines"],
];

export const command = defineCommand({
  meta: {
    name: "logs",
    description:
      "Shows the output of one or several instances, each line with its instance's name. With follow, it goes on over restarts, crashes and replacements, and ends when nothing runs any more.",
  },
  args: {
    service: args.optionalService(
      "Name of the service, a pattern, or all: the default",
      "PRESENT|all",
    ),
    instance: args.instances,
    follow: { type: "boolean", alias: "f", description: "Keep showing new output" },
    since: {
      type: "string",
      valueHint: "TIME",
      description:
        "Only newer lines: for the last 90s, 10m, 1h30m, 1d, or since a date or a Unix timestamp",
    },
    until: { type: "string", valueHint: "TIME", description: "Only older lines, as since" },
    tail: {
      type: "string",
      alias: "n",
      valueHint: "LINES",
      description: "Only the last lines; all by default",
    },
    timestamps: { type: "boolean", alias: "t", description: "Show when each line was written" },
    prefix: {
      type: "boolean",
      description:
        "Whether the instance's name stands before each line. Default: unless the call names one instance",
    },
    json: args.json,
  },
  run: async ({
    args: { service = "all", instance, follow, since, until, tail, timestamps, prefix, json },
  }) => {
    const options = {
      since: toPoint(since, "since"),
      until: toPoint(until, "until"),
      tail: tail && tail !== "all" ? args.parseWholeNumber(tail, "tail") : undefined,
    };
    const { engine, place, instances } = await listInstances();
    const query = { service, instance, origin: place.origin };
    const chosen = findInstances(instances, query);
    if (json && !follow) return printDocument(engine, chosen, options);
    const isNamed = prefix ?? !isOne(chosen, service);
    const hosts = chosen.map(({ host }) => host);
    const withTime = timestamps ?? false;
    const printer = json ? printLineAsJson : createLogPrinter({ hosts, isNamed, withTime });
    const { sink, closed } = createLogSink(printer);
    if (!follow) return readLogs(engine, chosen, { ...options, signal: closed }, sink);
    const isWanted = (source: LogSource): boolean => matchesQuery(source, query);
    const { origin } = place;
    await followLogs(engine, chosen, { ...options, origin, isWanted, signal: closed }, sink);
  },
});

function toPoint(text: string | undefined, key: string): string | undefined {
  return text ? String(parseSince(text, Date.now(), key)) : undefined;
}

const printLineAsJson: LogPrinter = ({ service, instance }, { text, time }) =>
  printJsonLine({ service, instance, time, line: text });

/** Whether the call means only one instance: then its name says nothing. */
function isOne(chosen: readonly LogSource[], service: string): boolean {
  return chosen.length === 1 && service !== "all" && !isPattern(service);
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
