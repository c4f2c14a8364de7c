import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import { rejectUnused } from "../args/validate.ts";
import type { Examples } from "../help/help.ts";
import { formatInstances } from "../../ui/views/instances.ts";
import { print, printJson, printLines } from "../../ui/output/print.ts";
import { log } from "../../ui/output/log.ts";
import { observeAllContainers } from "../../runtime/observe/containers.ts";
import { observeLifetimes } from "../../runtime/observe/lifetimes.ts";
import { parseLabel } from "../../model/labels.ts";
import { callFor, copyNameOf, isCopy, startCall } from "../../model/copy-origin.ts";
import { isRunning, type ObservedInstance } from "../../model/observed.ts";
import { listProblems, missingProblem, orphanRemedy } from "../../model/problems.ts";
import { findInstances, matchesQuery } from "../../plan/select/choose.ts";
import { ReynsError } from "../../errors.ts";
import { acceptedHint } from "../../lib/suggest.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import type { ProjectPlace } from "../../project/locate.ts";
import { readExpected, type ExpectedInstance } from "../../project/expected.ts";
import { warnOfOlderImages } from "../common/older-images.ts";
import {
  connectEngine,
  listInstances,
  noteOtherProjects,
  withEngineNotice,
} from "../common/context.ts";
import { containersToJson, instancesToJson, recordedOrphans } from "../common/instances-json.ts";

/** Those of the Engine, and that of an instance without a container. */
const states: readonly string[] = [
  ...["running", "exited", "paused", "restarting", "created", "removing", "dead"],
  "missing",
];

export const examples: Examples = [
  ["reyns ps", "every instance"],
  ["reyns ps web", "those of a service"],
  ["reyns ps all", "stopped ones as well"],
  ["reyns ps state=exited", "those that have ended, on purpose or not"],
  ["reyns ps json", "for a script"],
];

export const command = defineCommand({
  meta: {
    name: "ps",
    description:
      "Lists the project's instances: what runs, what has ended by itself, what is missing, how jobs ended, and what is no longer defined, by what the last run found: the definition is not read. With all, also those that were stopped on purpose; with reallyall, every container on the Engine.",
  },
  args: {
    service: args.optionalService("Name of the service, or a pattern", "PRESENT"),
    instance: args.instances,
    all: { type: "boolean", alias: "a", description: "Also list stopped instances" },
    reallyall: {
      type: "boolean",
      description: "List every container on the Engine, including other people's",
    },
    state: {
      type: "string",
      alias: "status",
      valueHint: "running|exited|paused",
      description: "Only instances in this state, or missing ones; can be repeated",
    },
    services: { type: "boolean", description: "Print the names of their services only" },
    json: args.json,
    quiet: { ...args.quiet, description: "Print the ids of containers only" },
  },
  run: async ({ args: parsed }) => {
    const { service, instance, all, reallyall, state, services, json, quiet } = parsed;
    const wanted = parseStates(state);
    if (reallyall) {
      const reason = "ps reallyall lists every container on the Engine";
      rejectUnused(parsed, ["reallyall", "json"], reason, "for a part of them: reyns ps SERVICE");
      return printEverything({ json, quiet });
    }
    const listed = await listInstances();
    const { engine, place, project, instances, keeper } = listed;
    const expected = readExpected(place);
    const query = { service: service ?? "all", instance, origin: place.origin };
    const chosen = findInstances(instances, query);
    const shown = chosen.filter((one) =>
      wanted ? wanted.has(one.state) : all || isShown(one, expected.stopped),
    );
    const nodes = engine.fleet?.members.map(({ name }) => name);
    const missing = missingInstances(expected.instances, instances, project.name).filter(
      (one) =>
        matchesQuery(one, query) &&
        (nodes?.includes(one.group ?? "") ?? true) &&
        (wanted?.has("missing") ?? true),
    );
    if (services) return printServices(shown, json);
    if (json)
      return printJson([...(await instancesToJson(shown, listed)), ...missing.map(missingToJson)]);
    if (quiet) return printIds(shown);
    if (isCopy(place)) log.info(`copy ${copyNameOf(place.origin)}`);
    const orphans = recordedOrphans(place, shown);
    const lifetimes = await observeLifetimes(engine, shown.filter(hasHistory));
    if (shown.length + missing.length > 0)
      print(formatInstances(shown, { lifetimes, missing, orphans }));
    else if (wanted) log.info(`no instance is ${[...wanted].join(" or ")}`);
    else reportNothing(instances.length, place);
    if (missing.length > 0) log.info(`start what is missing: ${startCall(place)}`);
    noteOtherProjects(listed);
    for (const { text, remedy } of listProblems({ instances: chosen, keeper }))
      log.warn(`${text}; repair it: ${remedy}`);
    await warnOfOlderImages(engine, place.folder, chosen);
    reportOrphans(orphans);
  },
});

/** @throws ReynsError INVALID_VALUE */
function parseStates(given: string | undefined): ReadonlySet<string> | undefined {
  if (given === undefined) return undefined;
  const wanted = args.splitValues(given).flatMap((text) => text.split(","));
  const unknown = wanted.find((text) => !states.includes(text));
  if (unknown === undefined) return new Set(wanted);
  const hint = acceptedHint(unknown, states);
  throw new ReynsError("INVALID_VALUE", `state is "${unknown}"`, { hint });
}

function printServices(shown: readonly ObservedInstance[], json: boolean | undefined): void {
  const names = [...new Set(shown.map(({ service }) => service))].toSorted();
  if (json) printJson(names);
  else printLines(names);
}

function reportOrphans(orphans: readonly ObservedInstance[]): void {
  if (orphans.length === 0) return;
  const hosts = summarizeList(
    orphans.map(({ host }) => host),
    8,
  );
  log.warn(`no longer defined: ${hosts}; remove what you do not need: ${orphanRemedy}`);
}

interface EverythingOptions {
  readonly json: boolean | undefined;
  readonly quiet: boolean | undefined;
}

async function printEverything({ json, quiet }: EverythingOptions): Promise<void> {
  const engine = await connectEngine();
  const containers = await withEngineNotice(observeAllContainers(engine));
  if (json) return printJson(await containersToJson(engine, containers));
  if (quiet) return printIds(containers);
  print(formatInstances(containers));
}

function printIds(containers: readonly { readonly id: string }[]): void {
  printLines(containers.map(({ id }) => id));
}

/** Running, or ended by itself: what was stopped on purpose only shows with `all`. */
function isShown(instance: ObservedInstance, stopped: readonly string[]): boolean {
  return isRunning(instance) || !stopped.includes(instance.host);
}

/**
 * Whether more than its state is worth a call to the Engine: it has ended, or has a policy that may have restarted it.
 * The DNS and the router have one by default.
 */
function hasHistory({ state, definition, isDns, isRouter = false }: ObservedInstance): boolean {
  if (state !== "running") return true;
  return !isDns && !isRouter && Object.hasOwn(parseLabel<object>(definition) ?? {}, "restart");
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

function missingToJson({ service, instance }: ExpectedInstance): object {
  return { service, instance, state: "missing", problems: [missingProblem] };
}

function reportNothing(stopped: number, place: ProjectPlace): void {
  log.info(
    stopped > 0
      ? `nothing is running; ${stopped} stopped: ${callFor(place.origin, "reyns ps all")}`
      : `nothing is running: ${startCall(place)}`,
  );
}
