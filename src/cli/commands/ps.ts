import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { instanceToJson, formatInstances } from "../../ui/views/instances.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { log } from "../../ui/output/log.ts";
import { observeAllContainers } from "../../runtime/observe/containers.ts";
import { observeLifetimes, type Lifetime } from "../../runtime/observe/lifetimes.ts";
import { parseLabel } from "../../model/labels.ts";
import { isRunning, type ObservedInstance } from "../../model/observed.ts";
import { listProblems } from "../../model/problems.ts";
import { findInstances, matchesQuery } from "../../plan/select/choose.ts";
import { readExpected, type ExpectedInstance } from "../../project/expected.ts";
import {
  connectEngine,
  listInstances,
  noteOtherProjects,
  withEngineNotice,
} from "../shared/context.ts";

export const examples: Examples = [
  ["reyns ps", "every instance"],
  ["reyns ps web", "those of a service"],
  ["reyns ps all", "stopped ones as well"],
  ["reyns ps json", "for a script"],
];

export const command = defineCommand({
  meta: {
    name: "ps",
    description:
      "Lists the project's instances: what runs, what has ended by itself, what is missing, and how jobs ended. With all, also those that were stopped on purpose; with reallyall, every container on the Engine.",
  },
  args: {
    service: args.optionalService("Name of the service, or a pattern", "PRESENT"),
    instance: args.instances,
    all: { type: "boolean", alias: "a", description: "Also list stopped instances" },
    reallyall: {
      type: "boolean",
      description: "List every container on the Engine, including other people's",
    },
    json: args.json,
  },
  run: async ({ args: { service, instance, all, reallyall, json } }) => {
    if (reallyall) return printEverything(json ?? false);
    const listed = await listInstances();
    const { engine, place, project, instances, keeper } = listed;
    const expected = readExpected(place.folder);
    const query = { service: service ?? "all", instance };
    const chosen = findInstances(instances, query);
    const shown = all ? chosen : chosen.filter((one) => isShown(one, expected.stopped));
    const missing = missingInstances(expected.instances, instances, project.name).filter((one) =>
      matchesQuery(one, query),
    );
    const lifetimes = await observeLifetimes(engine, json ? shown : shown.filter(hasHistory));
    if (json) return printJson([...shown.map(toJson(lifetimes)), ...missing.map(missingToJson)]);
    if (shown.length + missing.length > 0) print(formatInstances(shown, { lifetimes, missing }));
    else reportNothing(instances.length);
    if (missing.length > 0) log.info("start what is missing: reyns run all");
    noteOtherProjects(listed);
    for (const problem of listProblems({ instances: chosen, keeper }))
      log.warn(`${problem}; repair it: reyns run all`);
  },
});

async function printEverything(json: boolean): Promise<void> {
  const containers = await withEngineNotice(observeAllContainers(await connectEngine()));
  if (json) return printJson(containers.map(instanceToJson));
  print(formatInstances(containers));
}

/** Running, or ended by itself: what was stopped on purpose only shows with `all`. */
function isShown(instance: ObservedInstance, stopped: readonly string[]): boolean {
  return isRunning(instance) || !stopped.includes(instance.host);
}

/** Whether more than its state is worth a call to the Engine: it has ended, or has a policy that may have restarted it. */
function hasHistory({ state, definition }: ObservedInstance): boolean {
  return state !== "running" || Object.hasOwn(parseLabel<object>(definition) ?? {}, "restart");
}

function missingInstances(
  expected: readonly ExpectedInstance[],
  instances: readonly ObservedInstance[],
  project: string | undefined,
): ExpectedInstance[] {
  const present = new Set(instances.map(({ service, instance }) => `${service} ${instance}`));
  return expected.filter(
    (one) =>
      (project === undefined || one.project === project) &&
      !present.has(`${one.service} ${one.instance}`),
  );
}

function toJson(lifetimes: ReadonlyMap<string, Lifetime>): (one: ObservedInstance) => object {
  return (one) => {
    const lifetime = lifetimes.get(one.id);
    return {
      ...instanceToJson(one),
      restarts: lifetime?.restarts ?? 0,
      outOfMemory: lifetime?.oomKilled ?? false,
      startedAt: lifetime?.startedAt ?? null,
    };
  };
}

function missingToJson({ service, instance }: ExpectedInstance): object {
  return { service, instance, state: "missing" };
}

function reportNothing(stopped: number): void {
  log.info(
    stopped > 0
      ? `nothing is running; ${stopped} stopped: reyns ps all`
      : "nothing is running: reyns run all",
  );
}
