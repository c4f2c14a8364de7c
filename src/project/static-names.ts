import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "../lib/is-record.ts";
import type { ProjectPlace } from "./locate.ts";

/** What can be told of a project without running its definition. */
export interface StaticNames {
  readonly services: readonly string[];
  readonly instances: readonly { readonly service: string; readonly instance: string }[];
  readonly groups: readonly string[];
  readonly confs: readonly string[];
  readonly tasks: readonly { readonly name: string; readonly description: string }[];
}

/**
 * Names that stand literally in the project's files: folders of services, every `.conf`, and `reyns.ts` itself, which is
 * looked through as a text. What it works out is not among them; what cannot be read is passed over.
 */
export function readStaticNames(place: ProjectPlace): StaticNames {
  const confs = confFiles(place.folder);
  const parts = [
    ...(place.script === undefined ? [] : [namesInScript(readIfThere(place.script))]),
    ...confs.map(({ path }) => namesInConf(readIfThere(path))),
  ];
  const instances = parts.flatMap((part) => part.instances);
  return {
    services: distinct([
      ...serviceFolders(place.servicesFolder),
      ...parts.flatMap(({ services }) => services),
    ]),
    instances,
    groups: distinct(parts.flatMap(({ groups }) => groups)),
    confs: distinct([...parts.flatMap((part) => part.confs), ...confs.map(({ name }) => name)]),
    tasks: parts.flatMap(({ tasks }) => tasks),
  };
}

const nothing: StaticNames = { services: [], instances: [], groups: [], confs: [], tasks: [] };

const text = String.raw`(?:"([^"\n]*)"|'([^'\n]*)')`;
const call = new RegExp(
  String.raw`\b(service|dns|group|conf|task)\s*\(\s*(?:${text}(?:\s*,\s*${text})?)?|\b(instance|group)\s*:\s*${text}`,
  "g",
);

/** Names in the calls and options of a `reyns.ts`, in their order: an instance belongs to the service before it. */
export function namesInScript(script: string): StaticNames {
  const [services, groups, confs] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const instances: { service: string; instance: string }[] = [];
  const tasks: { name: string; description: string }[] = [];
  let service: string | undefined;
  const plain = script.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
  for (const [, verb, a, b, c, d, key, e, f] of plain.matchAll(call)) {
    const [first, second, value] = [a ?? b, c ?? d, e ?? f];
    if (verb === "service") service = first;
    if (verb === "dns") service = "reyns-dns";
    if (verb === "service" || verb === "dns") services.add(service ?? "");
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

/** Names in a `.conf`: comments blanked, what is left read as JSON. */
function namesInConf(conf: string): StaticNames {
  const entries = entriesOf(conf);
  const named = (key: string): string[] => entries.flatMap((entry) => textIn(entry, key) ?? []);
  return {
    ...nothing,
    services: named("service"),
    groups: named("group"),
    instances: entries.flatMap((entry) => {
      const [service, instance] = [textIn(entry, "service"), textIn(entry, "instance")];
      return service === undefined || instance === undefined ? [] : { service, instance };
    }),
  };
}

function entriesOf(conf: string): Record<string, unknown>[] {
  const json = conf
    .replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|#[^\n]*/g, (match) =>
      match.startsWith('"') ? match : "",
    )
    .replace(/,(\s*[\]}])/g, "$1");
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value.filter(isRecord) : [];
  } catch {
    return [];
  }
}

function textIn(entry: Record<string, unknown>, key: string): string | undefined {
  const value = entry[key];
  return typeof value === "string" ? value : undefined;
}

function serviceFolders(folder: string): string[] {
  return listIfThere(folder)
    .filter((name) => existsSync(join(folder, name, "Dockerfile")))
    .map((name) => name.replace(/_custom$/, ""));
}

function confFiles(folder: string): { readonly name: string; readonly path: string }[] {
  return listIfThere(folder)
    .filter((file) => file.endsWith(".conf") && file !== "host.conf")
    .map((file) => ({ name: file.slice(0, -".conf".length), path: join(folder, file) }));
}

function distinct(names: Iterable<string>): string[] {
  return [...new Set(names)].filter((name) => name !== "");
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function listIfThere(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
