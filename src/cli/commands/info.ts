import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { sanitizeForTerminal } from "../../ui/output/sanitize.ts";
import { instanceToJson } from "../../ui/views/instances.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { describeInstance, type InstanceDescription } from "../../runtime/observe/describe.ts";
import { withEngineNotice } from "../shared/context.ts";
import { resolveInstance } from "../shared/resolve-instance.ts";

export const examples: Examples = [
  ["reyns info web one", "variables, mounts, links, names"],
  ["reyns info web", "the only instance, or asks which"],
  ["reyns info web one json", "for a script"],
];

export const command = defineCommand({
  meta: {
    name: "info",
    description: "Shows all that is known of an instance; values of secret variables are masked.",
  },
  args: {
    service: args.service("Name of the service", "PRESENT"),
    instance: args.instance,
    json: args.json,
  },
  run: async ({ args: { service, instance, json } }) => {
    const { engine, instance: chosen } = await resolveInstance({
      service,
      instance,
      example: "reyns info demo one",
      ask: true,
    });
    const description = await withEngineNotice(describeInstance(engine, chosen));
    if (json) printJson({ ...instanceToJson(chosen), ...description });
    else
      print(
        sanitizeForTerminal(textOf(plainFacts(chosen.host, instanceToJson(chosen)), description)),
      );
  },
});

function plainFacts(
  host: string,
  instance: ReturnType<typeof instanceToJson>,
): Record<string, string> {
  const { service, instanceType, group, image, state, health, address, createdAt, id } = instance;
  return {
    host,
    service,
    instance: instance.instance,
    type: instanceType,
    ...(group === null ? {} : { group }),
    image,
    state: health === null ? state : `${state}, ${health}`,
    address: address ?? "none",
    created: createdAt,
    container: id,
  };
}

function textOf(
  facts: Readonly<Record<string, string>>,
  { environment, mounts, links, names, definedIn }: InstanceDescription,
): string {
  const all = definedIn === null ? facts : { ...facts, conf: definedIn };
  const width = Math.max(...Object.keys(all).map((name) => name.length));
  const sections = [
    Object.entries(all).map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    section(
      "names",
      names.map(({ name, address }) => `${name} -> ${address}`),
    ),
    section(
      "links",
      links.map(({ name, address }) => `${name} -> ${address}`),
    ),
    section(
      "mounts",
      mounts.map(
        ({ source, target, readOnly, volume }) =>
          `${volume === null ? source : volumeText(volume)} -> ${target}${readOnly ? " (read-only)" : ""}`,
      ),
    ),
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

/** The Engine gives a volume that nobody named 64 digits. */
function volumeText(name: string): string {
  return /^[0-9a-f]{64}$/.test(name) ? `volume ${name.slice(0, 12)}, unnamed` : `volume ${name}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}
