import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { isUnnamedVolume, stateFolder } from "../../model/resource-names.ts";
import { readVersions } from "../../runtime/versions/store.ts";
import { sanitizeLine } from "../../ui/output/sanitize.ts";
import type { InstanceJson } from "../../ui/views/instance-json.ts";
import {
  versionsToJson,
  timeText,
  versionText,
  type VersionJson,
} from "../../ui/views/versions.ts";
import { formatPorts, stateText } from "../../ui/views/instances.ts";
import { print, printJson } from "../../ui/output/print.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { InstanceProblem } from "../../model/problems.ts";
import { describeInstance, type InstanceDescription } from "../../runtime/observe/describe.ts";
import { withEngineNotice } from "../common/context.ts";
import { instancesToJson } from "../common/instances-json.ts";
import { resolveInstance } from "../common/resolve-instance.ts";

export const examples: Examples = [
  ["reyns info web one", "variables, mounts, links, names"],
  ["reyns info web", "its only instance; prompts if there are several"],
  ["reyns info web one json", "for a script"],
];

export const command = defineCommand({
  meta: {
    name: "info",
    description:
      "Shows the details of an instance: state, how it last ended, restarts, times, published ports, names, links, mounts, variables. Masks secret values.",
  },
  args: {
    service: args.service("Name of the service", "PRESENT"),
    instance: args.instance,
    json: args.json,
  },
  run: async ({ args: { service, instance: name, json } }) => {
    const { instance, place, ...observed } = await resolveInstance({
      service,
      instance: name,
    });
    const [description, [summary]] = await withEngineNotice(
      Promise.all([
        describeInstance(observed.engine, instance),
        instancesToJson([instance], { ...observed, place }),
      ]),
    );
    if (!summary) return;
    const recorded = readVersions(stateFolder(place), instance);
    const versions = versionsToJson(recorded, instance);
    if (json) printJson({ ...summary, ...description, versions });
    else print(formatDetails(instance, summary, description, versions));
  },
});

function formatDetails(
  observed: ObservedInstance,
  summary: InstanceJson,
  { environment, mounts, networks, links, names, definedIn }: InstanceDescription,
  versions: readonly VersionJson[],
): string {
  const properties = {
    ...listProperties(observed, summary, versions),
    ...(definedIn && { conf: definedIn }),
  };
  const width = Math.max(...Object.keys(properties).map((name) => name.length));
  const sections = [
    Object.entries(properties).map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    section("versions", versions.map(versionText)),
    section(
      "names",
      names.map(({ name, address }) => `${name} -> ${address}`),
    ),
    section(
      "networks",
      // Its address in the project's own is above.
      networks.length < 2 ? [] : networks.map(({ name, address }) => `${name}: ${address}`),
    ),
    section(
      "links",
      links.map(({ name, address }) => `${name} -> ${address}`),
    ),
    section("mounts", mounts.map(mountText)),
    section(
      "environment",
      Object.entries(environment).map(
        ([name, value]) => `${name}=${JSON.stringify(value).slice(1, -1)}`,
      ),
    ),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map(sanitizeLine).join("\n"))
    .join("\n\n");
}

function listProperties(
  observed: ObservedInstance,
  summary: InstanceJson,
  versions: readonly VersionJson[],
): Record<string, string> {
  const { service, instance, group, restarts, startedAt, finishedAt, problems } = summary;
  const ports = formatPorts(observed);
  return {
    host: observed.host,
    service,
    instance,
    type: summary.instanceType,
    ...(group === null ? {} : { group }),
    ...(observed.node === undefined ? {} : { node: observed.node }),
    image: summary.image,
    ...(summary.version === null ? {} : { version: servingText(summary, versions) }),
    state: stateText(observed, summary.outOfMemory),
    ...(problems.length === 0 ? {} : { problem: problems.map(problemText).join(", ") }),
    ...(observed.swarm
      ? { created: timeText(summary.createdAt), ...serviceProperties(observed) }
      : {
          restarts: String(restarts),
          address: summary.address ?? "none",
          ...(ports === "" ? {} : { ports }),
          created: timeText(summary.createdAt),
          started: startedAt === null ? "never" : timeText(startedAt),
          ...(finishedAt === null ? {} : { ended: timeText(finishedAt) }),
          container: summary.id,
        }),
  };
}

/** Its containers are on the nodes of the swarm. */
function serviceProperties({ id, containerName }: ObservedInstance): Record<string, string> {
  return {
    "Swarm service": id,
    tasks: `docker service ps ${containerName}, on a manager`,
    "mounts, variables": `docker service inspect ${containerName}, on a manager`,
  };
}

/** "3, commit 1a2b3c4d5e6f, since 2026-11-29T09:00:00Z": since it became ready, where that is recorded. */
function servingText(
  { version, commit, createdAt }: InstanceJson,
  versions: readonly VersionJson[],
): string {
  const since = versions.find(({ serves }) => serves)?.startedAt ?? createdAt;
  const notes = [...(commit === null ? [] : [`commit ${commit}`]), `since ${timeText(since)}`];
  return [version, ...notes].join(", ");
}

function problemText({ message, remedy }: InstanceProblem): string {
  return `${message} (${remedy})`;
}

function mountText({
  source,
  target,
  readOnly,
  volume,
}: InstanceDescription["mounts"][number]): string {
  const from = volume === null ? source : volumeText(volume);
  return `${from} -> ${target}${readOnly ? " (read-only)" : ""}`;
}

function volumeText(name: string): string {
  return isUnnamedVolume(name) ? `volume ${name.slice(0, 12)}, anonymous` : `volume ${name}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}
