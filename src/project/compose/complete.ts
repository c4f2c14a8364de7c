import type { Lookup } from "../../lib/interpolate.ts";
import { withCallersValues } from "./caller-values.ts";
import {
  entriesOf,
  impliedText,
  isNull,
  itemsOf,
  mapLike,
  nullLike,
  textOf,
  withDefaults,
  withEntry,
  type SourceMap,
  type SourceNode,
} from "./source-node.ts";

/** Adds what Compose implies: the default network, dependencies by links, names of resources. */
export function completeFile(file: SourceMap, name: string, lookup: Lookup): SourceMap {
  const services = [...entriesOf(file.entries.get("services"))].map(
    ([key, service]) =>
      [key, service.kind === "map" ? completeService(service, lookup) : service] as const,
  );
  const named = withEntry(
    withEntry(file, "services", mapLike(file.entries.get("services") ?? file, services)),
    "name",
    impliedText(file.entries.get("name") ?? file, name),
  );
  const usesDefault = services.some(([, service]) =>
    entriesOf(entriesOf(service).get("networks")).has("default"),
  );
  const withNetwork = usesDefault ? withDefaultNetwork(named) : named;
  const withAll = ["networks", "volumes", "secrets", "configs"].reduce(
    (all, kind) => withNames(all, kind, name),
    withNetwork,
  );
  return ["secrets", "configs"].reduce((all, kind) => withContents(all, kind, lookup), withAll);
}

function completeService(service: SourceMap, lookup: Lookup): SourceMap {
  const steps = [withBuild, withNetworks, withDependencies, withCommands];
  const completed = steps.reduce((all, step) => step(all, lookup), service);
  const isMissing = textOf(completed, "pull_policy") === "if_not_present";
  return isMissing
    ? withEntry(completed, "pull_policy", impliedText(completed, "missing"))
    : completed;
}

function withBuild(service: SourceMap, lookup: Lookup): SourceMap {
  const build = service.entries.get("build");
  if (build?.kind !== "map") return service;
  const args = build.entries.get("args");
  const resolved = args && withCallersValues(args, lookup);
  const given = [...entriesOf(resolved)].filter(([, value]) => !isNull(value));
  const entries = [...build.entries].filter(([key]) => key !== "args");
  const hasInline = build.entries.has("dockerfile_inline");
  const completed = withDefaults(
    mapLike(build, [
      ...entries,
      ...(args === undefined || given.length === 0
        ? []
        : [["args", mapLike(args, given)] as const]),
    ]),
    hasInline ? {} : { dockerfile: "Dockerfile" },
  );
  return withEntry(service, "build", completed);
}

function withNetworks(service: SourceMap): SourceMap {
  const isElsewhere = ["network_mode", "provider", "networks"].some((key) =>
    service.entries.has(key),
  );
  if (isElsewhere) return service;
  return withEntry(service, "networks", mapLike(service, [["default", nullLike(service)]]));
}

const namespaces = ["network_mode", "ipc", "pid", "uts", "cgroup"];

/** Links, shared namespaces and mounts of another service make dependencies. */
function withDependencies(service: SourceMap): SourceMap {
  const links = itemsOf(service.entries.get("links")).map((link) => ({
    name: firstPart(link),
    at: link,
    restart: true,
  }));
  const shared = namespaces.flatMap((key) => {
    const node = service.entries.get(key);
    const name = /^service:(.+)$/.exec(textOf(service, key) ?? "")?.[1];
    return node && name !== undefined ? [{ name, at: node, restart: true }] : [];
  });
  const mounted = itemsOf(service.entries.get("volumes_from"))
    .map((from) => ({ name: firstPart(from), at: from, restart: false }))
    .filter(({ name }) => name !== "container");
  const implied = [...links, ...shared, ...mounted];
  if (implied.length === 0) return service;
  const before = service.entries.get("depends_on") ?? mapLike(service, []);
  const entries = new Map(entriesOf(before));
  for (const { name, at, restart } of implied) {
    if (entries.has(name)) continue;
    const defaults = { condition: "service_started", required: true, ...(restart && { restart }) };
    entries.set(name, withDefaults(mapLike(at, []), defaults));
  }
  return withEntry(service, "depends_on", mapLike(before, entries));
}

function firstPart(node: SourceNode): string {
  return node.kind === "scalar" ? (node.text.split(":", 1)[0] ?? "") : "";
}

function withCommands(service: SourceMap): SourceMap {
  const missing = ["command", "entrypoint"].filter((key) => !service.entries.has(key));
  return missing.reduce((all, key) => withEntry(all, key, nullLike(service)), service);
}

function withDefaultNetwork(file: SourceMap): SourceMap {
  const networks = file.entries.get("networks") ?? mapLike(file, []);
  const entries = new Map(entriesOf(networks));
  if (!entries.has("default")) entries.set("default", nullLike(networks));
  return withEntry(file, "networks", mapLike(networks, entries));
}

/** What the variables of secrets and configs hold. */
function withContents(file: SourceMap, kind: string, lookup: Lookup): SourceMap {
  const resources = file.entries.get(kind);
  if (resources === undefined) return file;
  const entries = [...entriesOf(resources)].map(([key, node]) => {
    const name = textOf(node, "environment");
    const value = name === undefined ? undefined : lookup(name);
    if (node.kind !== "map" || name === undefined || value === undefined)
      return [key, node] as const;
    const source = { kind: "variable", name } as const;
    return [key, withEntry(node, "content", { ...impliedText(node, value), source })] as const;
  });
  return withEntry(file, kind, mapLike(resources, entries));
}

/** A resource without a name is named after the project, unless it is external. */
function withNames(file: SourceMap, kind: string, project: string): SourceMap {
  const resources = file.entries.get(kind);
  if (resources === undefined) return file;
  const entries = [...entriesOf(resources)].map(([key, node]) => {
    const map = node.kind === "map" ? node : mapLike(node, []);
    const isExternal = textOf(map, "external") === "true";
    const named = withDefaults(map, { name: isExternal ? key : `${project}_${key}` });
    const isBare = kind === "networks" && !named.entries.has("ipam");
    return [key, isBare ? withEntry(named, "ipam", mapLike(named, [])) : named] as const;
  });
  return withEntry(file, kind, mapLike(resources, entries));
}
