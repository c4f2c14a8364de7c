import * as v from "valibot";
import type { Place } from "../errors.ts";
import {
  definableProperties,
  instanceTypes,
  type EnvValue,
  type InstanceDefinition,
  type Properties,
} from "../project/types.ts";

const text = v.pipe(v.string(), v.nonEmpty("a text that is not empty"));
const port = v.pipe(
  v.number(),
  v.integer("a whole number"),
  v.minValue(1, "a port from 1 to 65535"),
  v.maxValue(65_535, "a port from 1 to 65535"),
);
const words = v.union([
  v.pipe(
    v.string(),
    v.transform((command) => ["/bin/sh", "-c", command]),
  ),
  v.array(v.string()),
]);

const target = v.union([
  v.strictObject({ service: text, instance: v.nullable(text) }),
  v.strictObject({ host: text }),
]);

const envValue = v.union([
  v.pipe(
    v.union([v.string(), v.number(), v.boolean()]),
    v.transform((value): EnvValue => ({ kind: "text", text: String(value) })),
  ),
  v.pipe(
    v.null(),
    v.transform((): EnvValue => ({ kind: "required", secret: false, description: undefined })),
  ),
  v.strictObject({
    kind: v.literal("required"),
    secret: v.boolean(),
    description: v.optional(v.string()),
  }),
]);

const portDefinition = v.union([
  v.pipe(
    port,
    v.transform((number) => ({ container: number, host: number, protocol: "tcp" as const })),
  ),
  v.pipe(
    v.strictObject({
      container: port,
      host: v.optional(port),
      protocol: v.optional(v.picklist(["tcp", "udp"])),
    }),
    v.transform(({ container, host, protocol }) => ({
      container,
      host: host ?? container,
      protocol: protocol ?? ("tcp" as const),
    })),
  ),
]);

const ready = v.variant("kind", [
  v.strictObject({ kind: v.literal("tcp"), port }),
  v.strictObject({ kind: v.literal("http"), port, path: v.string() }),
  v.strictObject({ kind: v.literal("log"), pattern: v.string(), flags: v.string() }),
  v.strictObject({ kind: v.literal("command"), command: words }),
  v.strictObject({ kind: v.literal("file"), path: text }),
  v.strictObject({ kind: v.literal("healthy") }),
]);

/** The options of `service()`, promises and functions already settled. */
export const serviceSchema = v.strictObject({
  instance: v.optional(text),
  instanceType: v.optional(v.picklist(instanceTypes)),
  group: v.optional(text),
  autorun: v.optional(v.boolean(), true),
  image: v.optional(text),
  links: v.optional(v.array(v.strictObject({ name: text, target })), []),
  after: v.optional(v.array(target), []),
  env: v.optional(v.record(v.string(), envValue), {}),
  command: v.optional(words),
  volumes: v.optional(
    v.union([v.array(text), v.pipe(v.record(text, text), v.transform(mountsOf))]),
    [],
  ),
  ports: v.optional(v.array(portDefinition), []),
  hostname: v.optional(text),
  privileged: v.optional(v.boolean()),
  ready: v.optional(ready),
  timeout: v.optional(v.pipe(v.number(), v.minValue(0, "seconds, 0 or more"))),
  linked: v.optional(v.boolean()),
  publishPorts: v.optional(v.boolean()),
  persistentData: v.optional(v.boolean()),
  persistentOpt: v.optional(v.boolean()),
  persistentLog: v.optional(v.boolean()),
  persistentHome: v.optional(v.boolean()),
  persistentShared: v.optional(v.boolean()),
  safePersistency: v.optional(v.boolean()),
  nethost: v.optional(v.boolean()),
  extraArgs: v.optional(v.string()),
  publishSshOn: v.optional(port),
});

export const acceptedKeys = {
  "": Object.keys(serviceSchema.entries),
  links: ["name", "target"],
  "links.target": ["service", "instance", "host"],
  after: ["service", "instance", "host"],
  ports: ["container", "host", "protocol"],
};

type ServiceOptions = v.InferOutput<typeof serviceSchema>;

/** The instance that checked options describe. */
export function definitionOf(
  service: string,
  options: ServiceOptions,
  at: Place,
): InstanceDefinition {
  return {
    service,
    instance: options.instance,
    instanceType: options.instanceType,
    group: options.group,
    autorun: options.autorun,
    image: options.image,
    links: options.links,
    after: options.after,
    env: options.env as Record<string, EnvValue>,
    sleep: 0,
    properties: propertiesOf(options),
    command: options.command,
    volumes: options.volumes,
    ports: options.ports,
    hostname: options.hostname,
    privileged: options.privileged,
    extraArgs: options.extraArgs,
    publishSshOn: options.publishSshOn,
    ready: options.ready,
    timeout: options.timeout,
    at,
  };
}

function propertiesOf(options: ServiceOptions): Partial<Properties> {
  const given = definableProperties.map((name) => [name, options[name]] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** `{ data: "/var/lib/x" }` in Docker's own form `data:/var/lib/x`. */
function mountsOf(volumes: Readonly<Record<string, string>>): string[] {
  return Object.entries(volumes).map(([source, path]) => `${source}:${path}`);
}
