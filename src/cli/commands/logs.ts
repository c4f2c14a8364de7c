import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { OutputClosed, printJson, printLogLine } from "../../ui/output/print.ts";
import { paint } from "../../ui/output/style.ts";
import { parseSince } from "../args/since.ts";
import { readLogs, type LogOptions } from "../../runtime/sessions/logs.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { Engine } from "../../runtime/connect.ts";
import { ReynsError } from "../../errors.ts";
import { findInstances } from "../../plan/select/choose.ts";
import { listInstances } from "../shared/context.ts";

const colours = ["cyan", "green", "magenta", "yellow", "blue", "red"] as const;

export const examples: Examples = [
  ["reyns logs web follow", "its output, as it comes"],
  ["reyns logs all since=10m", "all instances, the last ten minutes"],
  ["reyns logs db one tail=20", "the last lines of one instance"],
];

export const command = defineCommand({
  meta: {
    name: "logs",
    description:
      "Shows the output of one or several instances, each line with its instance's name.",
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
    tail: { type: "string", valueHint: "LINES", description: "Only the last lines" },
    json: args.json,
  },
  run: async ({ args: { service, instance, follow, since, tail, json } }) => {
    if (json && follow) {
      const hint = "leave one of them out";
      throw new ReynsError("INVALID_VALUE", "json and follow cannot be combined", { hint });
    }
    const options = {
      follow: follow ?? false,
      since: since ? parseSince(since, Date.now()) : undefined,
      tail: tail ? args.parseWholeNumber(tail, "tail") : undefined,
    };
    const { engine, instances } = await listInstances();
    const chosen = findInstances(instances, { service, instance });
    if (!json) return showLines(engine, chosen, options);
    const lines: { service: string; instance: string; line: string }[] = [];
    await readLogs(engine, chosen, options, (source, line) =>
      lines.push({ service: source.service, instance: source.instance, line }),
    );
    printJson(lines);
  },
});

/** Prints lines as they come, with their instance if there are several, until the logs end or the reader closes the pipe. */
async function showLines(
  engine: Engine,
  chosen: readonly ObservedInstance[],
  options: LogOptions,
): Promise<void> {
  const prefixes = chosen.length === 1 ? new Map<string, string>() : linePrefixes(chosen);
  const closed = new AbortController();
  const show = ({ id }: ObservedInstance, line: string): void => {
    try {
      if (!closed.signal.aborted) printLogLine(line, prefixes.get(id));
    } catch (error) {
      if (!(error instanceof OutputClosed)) throw error;
      closed.abort();
    }
  };
  await readLogs(engine, chosen, { ...options, signal: closed.signal }, show);
}

function linePrefixes(instances: readonly ObservedInstance[]): Map<string, string> {
  const width = Math.max(0, ...instances.map(({ host }) => host.length));
  return new Map(
    instances.map(({ id, host }, index) => {
      const colour = colours[index % colours.length] ?? "cyan";
      return [id, `${paint(colour, `${host.padEnd(width)} |`, "stdout")} `];
    }),
  );
}
