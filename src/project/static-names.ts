import { existsSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "../lib/is-record.ts";
import { parseJson } from "../lib/parse-json.ts";
import { listConfFiles, namesIn } from "./conf/files.ts";
import type { Environment } from "../lib/environment.ts";
import { listComposeServices } from "./compose/static-services.ts";
import type { ProjectPlace } from "./locate.ts";
import { readTextIfPossible } from "../lib/read-regular-file.ts";

/** The names that a project defines, found without running its definition. */
export interface StaticNames {
  readonly services: readonly string[];
  readonly instances: readonly { readonly service: string; readonly instance: string }[];
  readonly groups: readonly string[];
  readonly confs: readonly string[];
  readonly tasks: readonly { readonly name: string; readonly description: string }[];
}

/**
 * Finds the names that appear literally in the project's files: service folders, every `.conf`, and `reyns.ts`, which is
 * searched as text. Computed names are missing; unreadable files are skipped.
 */
export function readStaticNames(place: ProjectPlace, env: Environment = process.env): StaticNames {
  const confs = listConfFiles(place);
  const parts = [
    ...(place.script === undefined ? [] : [namesInScript(readTextIfPossible(place.script))]),
    ...(place.compose === undefined ? [] : [namesInCompose(place.folder, env)]),
    ...confs.map(({ path }) => namesInConf(readTextIfPossible(path))),
  ];
  const instances = parts.flatMap((part) => part.instances);
  return {
    services: distinct([
      ...(place.compose === undefined ? serviceFolders(place.servicesFolder) : []),
      ...parts.flatMap(({ services }) => services),
    ]),
    instances,
    groups: distinct(parts.flatMap(({ groups }) => groups)),
    confs: distinct([...parts.flatMap((part) => part.confs), ...confs.map(({ name }) => name)]),
    tasks: parts.flatMap(({ tasks }) => tasks),
  };
}

const noNames: StaticNames = { services: [], instances: [], groups: [], confs: [], tasks: [] };

function namesInCompose(folder: string, env: Environment): StaticNames {
  return { ...noNames, services: listComposeServices(folder, env) };
}

const stringLiteral = String.raw`(?:"([^"\n]*)"|'([^'\n]*)')`;
const call = new RegExp(
  String.raw`\b(service|job|dns|router|group|conf|task)\s*\(\s*(?:${stringLiteral}(?:\s*,\s*${stringLiteral})?)?|\b(instance|group)\s*:\s*${stringLiteral}`,
  "g",
);

/** Names in the calls and options of a `reyns.ts`, in order: an instance belongs to the service before it. */
export function namesInScript(script: string): StaticNames {
  const [services, groups, confs] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const instances: { service: string; instance: string }[] = [];
  const tasks: { name: string; description: string }[] = [];
  let service: string | undefined;
  const plain = script.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
  for (const [, verb, a, b, c, d, key, e, f] of plain.matchAll(call)) {
    const [first, second, value] = [a ?? b, c ?? d, e ?? f];
    if (verb === "service" || verb === "job") service = first;
    if (verb === "dns" || verb === "router") service = `reyns-${verb}`;
    if (["service", "job", "dns", "router"].includes(verb ?? "")) services.add(service ?? "");
    if (verb === "conf") confs.add(first ?? "");
    if (verb === "group" || key === "group") groups.add(first ?? value ?? "");
    if (verb === "task" && first) tasks.push({ name: first, description: second ?? "" });
    if (key === "instance" && service && value) instances.push({ service, instance: value });
  }
  return {
    services: distinct(services),
    instances,
    groups: distinct(groups),
    confs: distinct(confs),
    tasks,
  };
}

/** Names in a `.conf`: without comments and trailing commas, it is JSON. */
function namesInConf(conf: string): StaticNames {
  const entries = parseEntries(conf);
  const named = (key: string): string[] => entries.flatMap((entry) => stringAt(entry, key) ?? []);
  return {
    ...noNames,
    services: named("service"),
    groups: named("group"),
    instances: entries.flatMap((entry) => {
      const [service, instance] = [stringAt(entry, "service"), stringAt(entry, "instance")];
      return service === undefined || instance === undefined ? [] : { service, instance };
    }),
  };
}

function parseEntries(conf: string): Record<string, unknown>[] {
  const json = conf
    .replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|#[^\n]*/g, (match) =>
      match.startsWith('"') ? match : "",
    )
    .replace(/,(\s*[\]}])/g, "$1");
  const value = parseJson(json);
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function stringAt(entry: Record<string, unknown>, key: string): string | undefined {
  const value = entry[key];
  return typeof value === "string" ? value : undefined;
}

function serviceFolders(folder: string): string[] {
  return namesIn(folder)
    .filter((name) => existsSync(join(folder, name, "Dockerfile")))
    .map((name) => name.replace(/_custom$/, ""));
}

function distinct(names: Iterable<string>): string[] {
  return [...new Set(names)].filter((name) => name !== "");
}
