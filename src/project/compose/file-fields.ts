import type { Codec } from "./codec.ts";
import { list, mapOf, nullable } from "./collection-codecs.ts";
import { object } from "./object-codec.ts";
import { config, network, secret, volume } from "./resource-codecs.ts";
import { integer, text, textOrNumber } from "./scalar-codecs.ts";
import { serviceFields } from "./service-fields.ts";
import { texts, textsOrText } from "./service-codecs.ts";
import { entriesOf, isNull, mapLike, type SourceNode } from "./source-node.ts";

const serviceHints: Readonly<Record<string, string>> = {
  container: "did you mean container_name?",
  cpu_limit: "did you mean cpus?",
  env: "did you mean environment?",
  memory: "did you mean mem_limit?",
  net: "network_mode took its place",
  replicas: "write scale: 2, or deploy: { replicas: 2 }",
};

const filledService = object(serviceFields, { hintFor: (key) => serviceHints[key] });

/** A service may be empty in an override file alone. */
const service: Codec = {
  ...nullable(filledService),
  read(node, context) {
    if (!isMisplaced(node, context.name)) return nullable(filledService).read(node, context);
    const hint = "indent it by one level more, below the service that it belongs to";
    context.report.error(node.at, `${context.name} is a key of a service, not a service`, hint);
    return undefined;
  },
  finish(node, context) {
    if (!isNull(node)) return filledService.finish(node, context);
    context.report.error(node.at, `${context.name} is empty`, "give it an image or a build");
    return undefined;
  },
};

/** Whether a key of a service stands where a service should: indented too little. */
function isMisplaced(node: SourceNode, name: string): boolean {
  const key = name.replace(/^services\./, "");
  if (!Object.hasOwn(serviceFields, key) || isNull(node)) return false;
  // A service may have any name.
  if (node.kind !== "map" || node.entries.size === 0) return node.kind !== "map";
  return ![...node.entries.keys()].some((entry) => isServiceKey(entry));
}

function isServiceKey(key: string): boolean {
  return key.startsWith("x-") || Object.hasOwn(serviceFields, key);
}

const include = object(
  { path: textsOrText, env_file: textsOrText, project_directory: text },
  {
    required: ["path"],
    short: (node) => mapLike(node, [["path", { ...node, kind: "list", items: [node] }]]),
    shortName: "a path",
  },
);

const names = { keys: /^[a-zA-Z0-9._-]+$/, kind: "a name" };

const fields = {
  version: textOrNumber,
  name: text,
  include: list(include),
  services: mapOf(service, { ...names, keepEmpty: true }),
  networks: mapOf(network, names),
  volumes: mapOf(volume, names),
  secrets: mapOf(secret, names),
  configs: mapOf(config, names),
  models: mapOf(
    object(
      { name: text, model: text, context_size: integer, runtime_flags: texts },
      { required: ["model"] },
    ),
    names,
  ),
};

/** A whole file. Its extensions are kept; its version has no effect. */
export const composeFields = object(fields, {
  finish: (file) =>
    mapLike(
      file,
      [...file.entries].filter(([key]) => key !== "version"),
    ),
  keepExtensions: true,
  hintFor: (_, entry) =>
    ["image", "build"].some((key) => entriesOf(entry).has(key))
      ? "a service stands below the key services"
      : undefined,
});

/** A service alone, for `extends`. */
export const mergeServices = (base: SourceNode, over: SourceNode): SourceNode =>
  service.merge(base, over);
