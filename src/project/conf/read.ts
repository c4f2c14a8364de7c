import * as v from "valibot";
import { ReynsError, type Place } from "../../errors.ts";
import { errorsOf, withoutUnknownKeys } from "../../lib/schema-errors.ts";
import { readJsonc, type JsonDocument } from "../../lib/jsonc.ts";
import { checkNames } from "../../model/host-names.ts";
import {
  instanceTypes,
  type Conf,
  type EnvValue,
  type InstanceDefinition,
  type LinkDefinition,
  type Properties,
} from "../../model/project.ts";

const flag = v.union([
  v.boolean(),
  v.pipe(
    v.picklist(["True", "False", "true", "false"]),
    v.transform((text) => text.toLowerCase() === "true"),
  ),
]);
const text = v.pipe(v.string(), v.nonEmpty("a text that is not empty"));
const port = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d+$/, "a port"), v.transform(Number))]),
  v.integer("a port from 1 to 65535"),
  v.minValue(1, "a port from 1 to 65535"),
  v.maxValue(65_535, "a port from 1 to 65535"),
);
const envValue = v.nullable(v.union([v.string(), v.number(), v.boolean()]));

const linkSchema = v.union([
  v.pipe(
    v.string(),
    v.regex(/^[a-z0-9*-]+:[A-Za-z0-9_-]+$/, '"HOST:NAME", for example "reyns-dns-main:dns"'),
  ),
  v.strictObject({ name: text, service: text, instance: v.nullable(text) }),
]);

/** One entry of a `.conf`, in the words of the file. */
const entrySchema = v.strictObject({
  service: text,
  instance: v.optional(v.nullable(text)),
  instance_type: v.optional(v.picklist(instanceTypes)),
  group: v.optional(v.nullable(text)),
  autorun: v.optional(flag),
  links: v.optional(v.array(linkSchema)),
  env_vars: v.optional(v.record(v.string(), envValue)),
  sleep: v.optional(v.pipe(v.number(), v.minValue(0, "seconds, 0 or more"))),
  linked: v.optional(flag),
  publish_ports: v.optional(flag),
  persistent_data: v.optional(flag),
  persistent_opt: v.optional(flag),
  persistent_log: v.optional(flag),
  persistent_home: v.optional(flag),
  persistent_shared: v.optional(flag),
  safe_persistency: v.optional(flag),
  nethost: v.optional(flag),
  extra_args: v.optional(v.nullable(v.string())),
  publish_ssh_on: v.optional(v.nullable(port)),
  volumes: v.optional(v.nullable(v.string())),
  hostname: v.optional(v.nullable(text)),
  privileged: v.optional(flag),
});

const acceptedKeys = {
  "": Object.keys(entrySchema.entries),
  links: ["name", "service", "instance"],
};

type Entry = v.InferOutput<typeof entrySchema>;

/** A conf, as far as it could be read, with every mistake in it at its file:line:column. */
export interface ReadConf {
  readonly conf: Conf;
  readonly errors: readonly ReynsError[];
}

/**
 * Reads a legacy conf: a JSON list of instances, run one after another in this order.
 *
 * @throws ReynsErrors INVALID_PROJECT when it is not a list at all
 */
export function readConfFile(file: string, name: string): ReadConf {
  const document = readJsonc(file);
  if (!Array.isArray(document.value)) {
    throw new ReynsError("INVALID_PROJECT", "a conf is a list of instances", {
      hint: 'start it with "[" and give each instance as {"service": "…", "instance": "…"}',
      at: document.placeOf([]),
    });
  }
  const errors: ReynsError[] = [];
  const instances = document.value.map((value, index) => readEntry(value, index, document, errors));
  const known = instances.filter((instance) => instance !== undefined);
  return { conf: { name, file, sequential: true, instances: known }, errors };
}

function readEntry(
  value: unknown,
  index: number,
  document: JsonDocument,
  errors: ReynsError[],
): InstanceDefinition | undefined {
  const at = document.placeOf([index]);
  const placeOf = (path: readonly (string | number)[]): Place => document.placeOf([index, ...path]);
  const { known, errors: unknown } = withoutUnknownKeys(value, acceptedKeys[""], placeOf);
  errors.push(...unknown);
  const result = v.safeParse(entrySchema, known);
  if (!result.success) {
    errors.push(...errorsOf(result.issues, { placeOf, keys: acceptedKeys }));
    return undefined;
  }
  errors.push(...checkNames(result.output.service, result.output.instance ?? undefined, at));
  return definitionOf(result.output, at);
}

function definitionOf(entry: Entry, at: Place): InstanceDefinition {
  return {
    service: entry.service,
    instance: entry.instance ?? undefined,
    instanceType: entry.instance_type,
    group: entry.group ?? undefined,
    autorun: entry.autorun ?? true,
    image: undefined,
    links: (entry.links ?? []).map(linkOf),
    after: [],
    env: Object.fromEntries(
      Object.entries(entry.env_vars ?? {}).map(([name, value]) => [name, envOf(value)]),
    ),
    sleep: entry.sleep ?? 0,
    properties: propertiesOf(entry),
    command: undefined,
    volumes: splitVolumes(entry.volumes),
    ports: [],
    hostname: entry.hostname ?? undefined,
    privileged: entry.privileged,
    extraArgs: entry.extra_args ?? undefined,
    publishSshOn: entry.publish_ssh_on ?? undefined,
    ready: undefined,
    timeout: undefined,
    at,
  };
}

function linkOf(link: NonNullable<Entry["links"]>[number]): LinkDefinition {
  if (typeof link !== "string")
    return { name: link.name, target: { service: link.service, instance: link.instance } };
  const colon = link.lastIndexOf(":");
  return { name: link.slice(colon + 1), target: { host: link.slice(0, colon) } };
}

function envOf(value: string | number | boolean | null): EnvValue {
  return value === null
    ? { kind: "required", secret: false, description: undefined }
    : { kind: "text", text: String(value) };
}

function propertiesOf(entry: Entry): Partial<Properties> {
  const given = {
    linked: entry.linked,
    publishPorts: entry.publish_ports,
    persistentData: entry.persistent_data,
    persistentOpt: entry.persistent_opt,
    persistentLog: entry.persistent_log,
    persistentHome: entry.persistent_home,
    persistentShared: entry.persistent_shared,
    safePersistency: entry.safe_persistency,
    nethost: entry.nethost,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function splitVolumes(volumes: string | null | undefined): string[] {
  return (volumes ?? "")
    .split(",")
    .map((volume) => volume.trim())
    .filter(Boolean);
}
