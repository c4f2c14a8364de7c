import { setTimeout as sleep } from "node:timers/promises";
import { defineCommand } from "citty";
import { startCall } from "../../model/copy-origin.ts";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { isRunning, type ObservedInstance } from "../../model/observed.ts";
import {
  compareReadings,
  readUsages,
  type InstanceUsage,
  type Readings,
} from "../../runtime/observe/usage.ts";
import type { Engine } from "../../runtime/connect.ts";
import { log } from "../../ui/output/log.ts";
import { print, printJson, printJsonLine } from "../../ui/output/print.ts";
import { isLive } from "../../ui/output/style.ts";
import { createLiveText } from "../../ui/progress/live-text.ts";
import { formatUsage, usageToJson } from "../../ui/views/usage.ts";
import { withEngineNotice } from "../common/context.ts";
import { listenForInterrupt } from "../common/interrupt.ts";
import { resolveInstances } from "../common/resolve-instances.ts";

export const examples: Examples = [
  ["reyns stats", "what all instances use now"],
  ["reyns stats web follow", "goes on, until Ctrl-C"],
  ["reyns stats follow json", "a JSON document a line, for a script"],
];

export const command = defineCommand({
  meta: {
    name: "stats",
    description:
      "Shows what running instances use: processors (100 % is one core), memory, network and disk. With follow, it goes on until Ctrl-C.",
  },
  args: {
    service: args.optionalService("Name of the service, a pattern, or all", "PRESENT|all"),
    instance: args.instances,
    group: args.group,
    follow: { type: "boolean", alias: "f", description: "Go on, with a reading every 2 seconds" },
    json: args.json,
  },
  run: async ({ args: { service = "all", instance, group, follow, json } }) => {
    const example = "reyns stats web";
    const target = { service, instance, group, example, onContainers: true } as const;
    const { engine, place, chosen } = await resolveInstances(target);
    const running = chosen.filter(isRunning);
    if (running.length === 0 && !json) return log.info(`nothing is running: ${startCall(place)}`);
    if (follow) return followUsage(engine, target, json ?? false);
    const usages = await withEngineNotice(measure(engine, running));
    if (json) printJson(usages.map(usageToJson));
    else print(formatUsage(usages));
  },
});

/** Milliseconds between the two readings of a single call: shorter ones make the figure jump. */
const sampleTime = 1000;
/** Milliseconds between the readings of `follow`. */
const interval = 2000;

async function measure(
  engine: Engine,
  running: readonly ObservedInstance[],
): Promise<InstanceUsage[]> {
  const before = await readUsages(engine, running);
  await sleep(sampleTime);
  return compareReadings(running, before, await readUsages(engine, running));
}

/** Instances that start later are shown, too; it ends when interrupted. */
async function followUsage(
  engine: Engine,
  target: Parameters<typeof resolveInstances>[0],
  json: boolean,
): Promise<void> {
  const { controller, stop } = listenForInterrupt();
  const { signal } = controller;
  const screen = !json && isLive("stdout") ? await createLiveText("stdout") : undefined;
  let before: Readings = new Map();
  try {
    for (let round = 0; !signal.aborted; round += 1) {
      const running = (await resolveInstances(target)).chosen.filter(isRunning);
      const after = await readUsages(engine, running);
      const usages = compareReadings(running, before, after);
      before = after;
      // The first reading has nothing to compare with.
      if (round > 0) show(usages, json, screen?.show ?? print);
      await sleep(round === 0 ? sampleTime : interval, undefined, { signal }).catch(() => {});
    }
  } finally {
    screen?.keep();
    stop();
  }
}

function show(
  usages: readonly InstanceUsage[],
  json: boolean,
  showText: (text: string) => void,
): void {
  if (json) for (const usage of usages) printJsonLine(usageToJson(usage));
  else showText(formatUsage(usages));
}
