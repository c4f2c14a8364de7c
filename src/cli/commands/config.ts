import { defineCommand } from "citty";
import { sha256Hex } from "../../lib/sha256.ts";
import { shownNetwork } from "../../model/resource-names.ts";
import type { Conf, Project } from "../../model/project.ts";
import { volumeParts } from "../../model/volume-syntax.ts";
import { describeConfig, type InstanceConfig } from "../../plan/project-config.ts";
import { selectInstances } from "../../plan/select/select.ts";
import { plainSelection, type SelectedInstance } from "../../plan/select/selection.ts";
import { readHostValues } from "../../project/host-conf.ts";
import { print, printJson, printLines } from "../../ui/output/print.ts";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { loadProject } from "../common/context.ts";

export const examples: Examples = [
  ["reyns config", "the whole definition, as it is resolved"],
  ["reyns config web json", "one service, for a script"],
  ["reyns config images", "the images that are run"],
  ["reyns config -q", "nothing but mistakes"],
  ["reyns config hash", "a digest of each instance, to see what a change changes"],
];

export const command = defineCommand({
  meta: {
    name: "config",
    description:
      "Shows the resolved definition: every instance with its image, the values of its variables, and all that is set. Of a Compose file, leaves out services whose profile is not active, unless they are named, and volumes and networks that nothing shown uses. Secrets are masked. Needs no Engine.",
  },
  args: {
    service: args.optionalService("Name of the service, a pattern, or all", "SERVICE|all"),
    group: args.group,
    conf: args.conf,
    services: { type: "boolean", description: "Only the names of the services" },
    images: { type: "boolean", description: "Only the images" },
    volumes: { type: "boolean", description: "Only the names of the volumes" },
    networks: { type: "boolean", description: "Only the names of the networks" },
    hash: { type: "boolean", description: "Only a digest of each instance" },
    json: args.json,
    quiet: { ...args.quiet, description: "Print mistakes only, and no definition" },
  },
  run: async ({ args: { service = "*", group, conf, hash, json, quiet, ...only } }) => {
    const project = await loadProject(args.parseConfName(conf));
    const selected = selectAll(project, service, group);
    const instances = describeAll(project, selected);
    const resources = resourcesOf(project, selected);
    if (only.services) return printList(unique(instances.map((one) => one.service)), json);
    if (only.images) return printList(unique(instances.map((one) => one.image)), json);
    if (only.volumes) return printList(volumesOf(resources), json);
    if (only.networks) return printList(networksOf(resources), json);
    if (hash) return printHashes(instances, json);
    if (quiet && !json) return;
    const { name, folder, conf: definition } = project;
    const document = { name, folder, conf: definition.name, ...declared(resources), instances };
    if (json) printJson(document);
    else print(Bun.YAML.stringify(document, null, 2).trimEnd());
  },
});

/** Also those that only run when they are named; as in Compose, not services of a profile that is not active. */
function selectAll(
  project: Project,
  service: string,
  group: string | undefined,
): readonly SelectedInstance[] {
  const isWhole = (service === "*" || service === "all") && group === undefined;
  const selected = selectInstances(
    project,
    plainSelection(service === "all" ? "*" : service, group),
  );
  return isWhole && project.conf.isCompose
    ? selected.filter(({ definition }) => definition.autorun)
    : selected;
}

function describeAll(project: Project, selected: readonly SelectedInstance[]): InstanceConfig[] {
  const hostConf = readHostValues(project);
  const sources = { caller: process.env, hostConf, interfaces: undefined };
  return selected.map((one) => describeConfig(project, one, sources));
}

/** The instances that volumes and networks belong to, and what is declared; as in Compose, only what its services use. */
function resourcesOf(
  { conf }: Project,
  selected: readonly SelectedInstance[],
): Pick<Conf, "instances" | "volumes" | "networks" | "nodes"> {
  if (!conf.isCompose) return conf;
  const used = { instances: selected.map(({ definition }) => definition) };
  const [volumes, networks] = [new Set(volumesOf(used)), new Set(networkKeys(used))];
  return {
    ...used,
    volumes: pick(conf.volumes, volumes),
    networks: pick(conf.networks, networks),
  };
}

function pick<Value>(
  declaredOnes: Readonly<Record<string, Value>> = {},
  names: ReadonlySet<string>,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(declaredOnes).filter(([name]) => names.has(name)));
}

/** What the definition declares besides instances. */
function declared(conf: Pick<Conf, "volumes" | "networks" | "nodes">): object {
  const { volumes } = conf;
  const networks = Object.fromEntries(
    Object.entries(conf.networks ?? {}).map(([key, { at: _at, ...network }]) => [
      shownNetwork(key),
      network,
    ]),
  );
  const nodes = Object.fromEntries(
    Object.entries(conf.nodes ?? {}).map(([name, { at: _at, ...node }]) => [name, node]),
  );
  return {
    ...(volumes && Object.keys(volumes).length > 0 ? { volumes } : {}),
    ...(Object.keys(networks).length > 0 ? { networks } : {}),
    ...(Object.keys(nodes).length > 0 ? { nodes } : {}),
  };
}

function volumesOf({ volumes = {}, instances }: Pick<Conf, "volumes" | "instances">): string[] {
  const mounted = instances.flatMap((one) => one.volumes).map(volumeParts);
  const named = mounted.flatMap((one) => (one?.type === "volume" ? one.source : []));
  return unique([...Object.keys(volumes), ...named.filter((name) => name !== "")]);
}

function networksOf(resources: Pick<Conf, "networks" | "instances">): string[] {
  return unique(networkKeys(resources).map(shownNetwork));
}

function networkKeys({ networks = {}, instances }: Pick<Conf, "networks" | "instances">): string[] {
  const used = instances.flatMap(({ networks: uses, networkMode, properties }) => {
    if (uses) return uses.map(({ network }) => network);
    return networkMode || properties.nethost ? [] : ["default"];
  });
  return unique([...Object.keys(networks), ...used]);
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted();
}

function printList(names: readonly string[], json: boolean | undefined): void {
  if (json) printJson(names);
  else printLines(names);
}

/** Of what is shown: a secret has no part in its digest. */
function printHashes(instances: readonly InstanceConfig[], json: boolean | undefined): void {
  const hashes = instances.map((one) => ({ host: one.host, hash: sha256Hex(JSON.stringify(one)) }));
  if (json) printJson(hashes);
  else printLines(hashes.map(({ host, hash }) => `${host} ${hash}`));
}
