import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { parseSince } from "../args/since.ts";
import { matchesQuery } from "../../plan/select/choose.ts";
import { followInstances, type InstanceEvent } from "../../runtime/observe/events.ts";
import { log } from "../../ui/output/log.ts";
import { OutputClosed, print, printJsonLine } from "../../ui/output/print.ts";
import { sanitizeLine } from "../../ui/output/sanitize.ts";
import { paint } from "../../ui/output/style.ts";
import { connectAll, locateProject } from "../common/context.ts";
import { listenForInterrupt } from "../common/interrupt.ts";

export const examples: Examples = [
  ["reyns events", "as they come, until Ctrl-C"],
  ["reyns events web since=1h until=0s", "those of the last hour that the Engine remembers"],
  ["reyns events json", "a JSON document a line, for a script"],
];

export const command = defineCommand({
  meta: {
    name: "events",
    description:
      "Prints what happens to the project's instances: created, started, healthy, died, removed. Ends with Ctrl-C, or at the time until.",
  },
  args: {
    service: args.optionalService("Name of the service, a pattern, or all", "PRESENT|all"),
    instance: args.instances,
    since: {
      type: "string",
      valueHint: "TIME",
      description:
        "Begin with those of the last 90s, 10m, 1h30m, 1d, or since a date or a Unix timestamp, as far as the Engine remembers them: Docker keeps its last 256",
    },
    until: { type: "string", valueHint: "TIME", description: "End there, as since" },
    json: args.json,
  },
  run: async ({ args: { service = "all", instance, since, until, json } }) => {
    const range = { since: toSeconds(since, "since"), until: toSeconds(until, "until") };
    const place = await locateProject();
    const { origin } = place;
    const engine = await connectAll(place);
    const { controller, stop } = listenForInterrupt();
    const onEvent = (event: InstanceEvent): void => {
      if (!matchesQuery(event, { service, instance })) return;
      try {
        if (json) printJsonLine(toJson(event));
        else print(formatEvent(event));
      } catch (error) {
        if (!(error instanceof OutputClosed)) throw error;
        controller.abort();
      }
    };
    const onReady = (): void => {
      if (!json && range.until === undefined) log.info("waiting for events; stop with Ctrl-C");
    };
    await followInstances(engine, {
      origin,
      ...range,
      signal: controller.signal,
      onReady,
      onEvent,
    });
    stop();
  },
});

function toSeconds(text: string | undefined, key: string): number | undefined {
  return text === undefined ? undefined : parseSince(text, Date.now(), key);
}

/** `12:34:56  web-one  die (137)` */
function formatEvent({ time, service, instance, action, exitCode }: InstanceEvent): string {
  const clock = paint("dim", new Date(time).toTimeString().slice(0, 8), "stdout");
  const status = exitCode === undefined ? "" : ` (${exitCode})`;
  return `${clock}  ${sanitizeLine(`${service}-${instance}  ${action}${status}`)}`;
}

function toJson({ time, id, exitCode, ...event }: InstanceEvent): object {
  return {
    time: new Date(time).toISOString(),
    ...event,
    exitCode: exitCode ?? null,
    id: id.slice(0, 12),
  };
}
