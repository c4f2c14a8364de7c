import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../../docker/client/engine.ts";
import { listContainers } from "../../docker/containers/list.ts";
import { engineTime } from "../../docker/system.ts";
import { originFilter } from "../../model/labels.ts";
import { sourceOf, type FollowedInstances } from "./log-end.ts";
import type { LogSource } from "./logs.ts";

/** Milliseconds between two looks: shorter than the time after which a log counts as ended, since nothing runs. */
const pauseMs = 2000;

/**
 * Looks which of the followed instances run, until the signal aborts: Podman loses events. Whenever the file in which it
 * keeps them has grown to a megabyte it writes the newer half into another one, and whoever follows it, by looking four
 * times a second, never gets what came just before.
 *
 * @param onRunning receives each container that runs, every time, and when the look before was, in ms since 1970 by the
 * Engine's clock
 */
export async function lookForStarts(
  engine: Engine,
  { origin, isWanted, signal }: FollowedInstances,
  onRunning: (source: LogSource, before: number) => void,
): Promise<void> {
  const ahead = await clockDifference(engine);
  let before = Date.now() + ahead;
  for (;;) {
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const now = Date.now() + ahead;
    const containers = await listContainers(engine, [originFilter(origin)]).catch(() => []);
    for (const { id, labels, state } of containers) {
      const source = state === "running" ? sourceOf({ id, attributes: labels }) : undefined;
      if (source && isWanted(source)) onRunning(source, before);
    }
    before = now;
  }
}

/** Milliseconds by which the Engine's clock is ahead of this machine's; a slow answer makes them fewer, not more. */
async function clockDifference(engine: Engine): Promise<number> {
  const seconds = await engineTime(engine).catch(() => undefined);
  return seconds === undefined ? 0 : Number(seconds) * 1000 - Date.now();
}
