import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { OutputClosed, printJson, printLogLine } from "../../ui/output/print.ts";
import { paint } from "../../ui/output/style.ts";
import { sinceSeconds } from "../args/since.ts";
import { readLogs, type LogOptions } from "../../runtime/sessions/logs.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { Engine } from "../../runtime/connect.ts";
import { ReynsError } from "../../errors.ts";
import { findInstances } from "../../plan/select/choose.ts";
import { listInstances } from "../shared/context.ts";

const colours = ["cyan", "green", "magenta", "yellow", "blue", "red"] as const;

export const examples: Examples = [
  ["reyns logs web follow", "what it says, as it says it"],
  ["reyns logs all since=10m", "all of them, the last ten minutes"],
  ["reyns logs db one tail=20", "the last lines of one"],
];

export const command = defineCommand({
  meta: {
    name: "logs",
    description: "Shows the output of one instance or of several, each with its name and colour.",
  },
  args: {
    service: args.service("Name of the service, a pattern, or all", "PRESENT|all"),
    instance: args.instances,
    follow: { type: "boolean", alias: "f", description: "Go on showing what comes" },
    since: {
      type: "string",
      valueHint: "TIME",
      description: "From then on: 90s, 10m, 2h, 1d ago, or a date",
    },
    tail: { type: "string", valueHint: "LINES", description: "Only the last lines" },
    json: args.json,
  },
  run: async ({ args: { service, instance, follow, since, tail, json } }) => {
    if (json && follow) {
      const hint = "leave one of them out";
      throw new ReynsError("INVALID_VALUE", "a document cannot follow what comes", { hint });
    }
    const choice = {
      service: args.needWord(service, "service", "reyns logs demo, reyns logs all"),
      instance: args.given(instance),
    };
    const options = {
      follow: follow ?? false,
      since: since ? sinceSeconds(since, Date.now()) : undefined,
      tail: tail ? args.wholeNumber(tail, "tail") : undefined,
    };
    const { engine, instances } = await listInstances();
    const chosen = findInstances(instances, choice);
    if (!json) return showLines(engine, chosen, options);
    const lines: { service: string; instance: string; line: string }[] = [];
    await readLogs(engine, chosen, options, (one, line) =>
      lines.push({ service: one.service, instance: one.instance, line }),
    );
    printJson(lines);
  },
});

/** Each line as it comes, with its instance when there are several; until the log ends or nobody reads any more. */
async function showLines(
  engine: Engine,
  chosen: readonly ObservedInstance[],
  options: LogOptions,
): Promise<void> {
  const width = Math.max(0, ...chosen.map(({ host }) => host.length));
  const prefixes = new Map(
    chosen.map(({ id, host }, index) => [
      id,
      paint(colours[index % colours.length] ?? "cyan", `${host.padEnd(width)} |`, "stdout"),
    ]),
  );
  const alone = chosen.length === 1;
  const closed = new AbortController();
  const show = ({ id }: ObservedInstance, line: string): void => {
    try {
      if (!closed.signal.aborted) printLogLine(line, alone ? "" : `${prefixes.get(id)} `);
    } catch (error) {
      if (!(error instanceof OutputClosed)) throw error;
      closed.abort();
    }
  };
  await readLogs(engine, chosen, { ...options, signal: closed.signal }, show);
}
