import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { sanitizeForTerminal } from "../../ui/output/sanitize.ts";
import { instanceToJson, type InstanceJson } from "../../ui/views/instances.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { describeInstance, type InstanceDescription } from "../../runtime/observe/describe.ts";
import { withEngineNotice } from "../shared/context.ts";
import { resolveInstance } from "../shared/resolve-instance.ts";

export const examples: Examples = [
  ["reyns info web one", "variables, mounts, links, names"],
  ["reyns info web", "its only instance; prompts if there are several"],
  ["reyns info web one json", "for a script"],
];

export const command = defineCommand({
  meta: {
    name: "info",
    description:
      "Shows the details of an instance: state, names, links, mounts, variables. Masks secret values.",
  },
  args: {
    service: args.service("Name of the service", "PRESENT"),
    instance: args.instance,
    json: args.json,
  },
  run: async ({ args: { service, instance: name, json } }) => {
    const { engine, instance } = await resolveInstance({
      service,
      instance: name,
      ask: true,
    });
    const description = await withEngineNotice(describeInstance(engine, instance));
    const summary = instanceToJson(instance);
    if (json) printJson({ ...summary, ...description });
    else print(sanitizeForTerminal(formatDetails(instance.host, summary, description)));
  },
});

function formatDetails(
  host: string,
  summary: InstanceJson,
  { environment, mounts, links, names, definedIn }: InstanceDescription,
): string {
  const properties = { ...listProperties(host, summary), ...(definedIn && { conf: definedIn }) };
  const width = Math.max(...Object.keys(properties).map((name) => name.length));
  const sections = [
    Object.entries(properties).map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    section(
      "names",
      names.map(({ name, address }) => `${name} -> ${address}`),
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
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function listProperties(host: string, summary: InstanceJson): Record<string, string> {
  const { service, instance, group, state, health } = summary;
  return {
    host,
    service,
    instance,
    type: summary.instanceType,
    ...(group === null ? {} : { group }),
    image: summary.image,
    state: health === null ? state : `${state}, ${health}`,
    address: summary.address ?? "none",
    created: summary.createdAt,
    container: summary.id,
  };
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

/** The Engine names an anonymous volume with 64 digits. */
function volumeText(name: string): string {
  return /^[0-9a-f]{64}$/.test(name) ? `volume ${name.slice(0, 12)}, anonymous` : `volume ${name}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}
