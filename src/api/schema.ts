import * as v from "valibot";
import type { Place } from "../errors.ts";
import {
  definableProperties,
  instanceTypes,
  type EnvValue,
  type InstanceDefinition,
  type LinkDefinition,
  type Properties,
} from "../model/project.ts";
import {
  build,
  duration,
  envFile,
  extraHosts,
  labels,
  port,
  portDefinition,
  recordOf,
  runtimeFields,
  runtimeOf,
  text,
  words,
} from "./container-fields.ts";
import { isLink, isTarget, link, targetForm, targetOf, type TargetInput } from "./link.ts";

/** One or several, each of a form that `isOne` knows. */
function oneOrMoreOf<Item, One>(
  isOne: (item: unknown) => item is Item,
  form: string,
  read: (item: Item) => One,
) {
  const item = v.pipe(v.custom<Item>(isOne, form), v.transform(read));
  return v.pipe(
    v.unknown(),
    v.transform((given) => (Array.isArray(given) ? (given as unknown[]) : [given])),
    v.array(item),
  );
}

const links = oneOrMoreOf(
  (item: unknown): item is LinkDefinition | TargetInput => isLink(item) || isTarget(item),
  `link(…), ${targetForm}`,
  (item) => (isLink(item) ? item : link(item)),
);
const after = oneOrMoreOf(isTarget, targetForm, targetOf);

const required = v.strictObject({
  kind: v.literal("required"),
  secret: v.boolean(),
  description: v.optional(v.string()),
});

const isText = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value);

const envValue = v.pipe(
  v.custom<string | number | boolean | null | v.InferOutput<typeof required>>(
    (value) => value === null || isText(value) || v.is(required, value),
    "a text, a number, true or false; null or required() for one that whoever runs it gives",
  ),
  v.transform((value): EnvValue => {
    if (value === null) return { kind: "required", secret: false, description: undefined };
    if (typeof value !== "object") return { kind: "text", text: String(value) };
    return { description: undefined, ...value };
  }),
);

const volume = v.custom<string>(
  (value) => typeof value === "string" && value !== "",
  'a text: "SOURCE:PATH" or "SOURCE:PATH:ro", such as "./site:/srv:ro" or "data:/var/lib/data"',
);

const readyForm =
  'ready.tcp(80), ready.http(80, "/up"), ready.log(/up/), ready.command("check"), ready.file("/up"), ready.healthy()';
const isCheck = (value: unknown): value is { kind: string } =>
  typeof value === "object" && value !== null && "kind" in value;
const ready = v.pipe(
  v.custom<{ kind: string }>(isCheck, readyForm),
  v.variant("kind", [
    v.strictObject({ kind: v.literal("tcp"), port }),
    v.strictObject({ kind: v.literal("http"), port, path: v.string() }),
    v.strictObject({ kind: v.literal("log"), pattern: v.string(), flags: v.string() }),
    v.strictObject({ kind: v.literal("command"), command: words }),
    v.strictObject({ kind: v.literal("file"), path: text }),
    v.strictObject({ kind: v.literal("healthy") }),
  ]),
);

/** What is said on the command line, as `group=NAME` or `conf=NAME`. */
export const sayable = /^[A-Za-z0-9][\w.-]*$/;

/** The options of `service()`, promises and functions already settled. */
export const serviceSchema = v.strictObject({
  instance: v.optional(text),
  instanceType: v.optional(v.picklist(instanceTypes)),
  group: v.optional(v.pipe(v.string(), v.regex(sayable, "letters, digits, - and _"))),
  autorun: v.optional(v.boolean(), true),
  image: v.optional(text),
  build: v.optional(build),
  links: v.optional(links, []),
  after: v.optional(after, []),
  env: v.optional(recordOf(envValue, "{ NAME: value }"), {}),
  envFile: v.optional(envFile, []),
  command: v.optional(words),
  volumes: v.optional(
    v.union([v.array(volume), v.pipe(recordOf(text, '{ SOURCE: "PATH" }'), v.transform(mountsOf))]),
    [],
  ),
  ports: v.optional(v.array(portDefinition), []),
  hostname: v.optional(text),
  privileged: v.optional(v.boolean()),
  ready: v.optional(ready),
  timeout: v.optional(duration),
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
  labels: v.optional(labels),
  extraHosts: v.optional(extraHosts, []),
  ...runtimeFields,
});

/** The keys that a value has, by its name: "" for the options themselves. */
export const acceptedKeys = {
  "": Object.keys(serviceSchema.entries),
  ports: ["container", "host", "protocol", "ip"],
  build: ["context", "dockerfile", "args", "target"],
  healthcheck: ["test", "interval", "timeout", "startPeriod", "retries", "disable"],
  logging: ["driver", "options"],
};

/** What `dns()` takes besides. */
export const dnsKeys = ["zone", "ttl", "lease", "renew"];

type ServiceOptions = v.InferOutput<typeof serviceSchema>;

/**
 * The instance that checked options describe.
 *
 * @param fileEnv what its env files say; its own env counts over it
 */
export function definitionOf(
  service: string,
  options: ServiceOptions,
  fileEnv: Readonly<Record<string, string>>,
  at: Place,
): InstanceDefinition {
  return {
    service,
    instance: options.instance,
    instanceType: options.instanceType,
    group: options.group,
    autorun: options.autorun,
    image: options.image,
    build: options.build,
    links: options.links,
    after: options.after,
    env: { ...textsOf(fileEnv), ...options.env },
    sleep: 0,
    properties: propertiesOf(options),
    command: options.command,
    volumes: options.volumes,
    ports: options.ports,
    hostname: options.hostname,
    privileged: options.privileged,
    extraHosts: options.extraHosts.map(([name, address]) => ({ name, address })),
    labels: options.labels ?? {},
    runtime: runtimeOf(options),
    extraArgs: options.extraArgs,
    publishSshOn: options.publishSshOn,
    ready: options.ready,
    timeout: options.timeout,
    at,
  };
}

function textsOf(env: Readonly<Record<string, string>>): Record<string, EnvValue> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, { kind: "text", text: value }]),
  );
}

function propertiesOf(options: ServiceOptions): Partial<Properties> {
  const given = definableProperties.map((name) => [name, options[name]] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** `{ data: "/var/lib/x" }` in Docker's own form `data:/var/lib/x`. */
function mountsOf(volumes: Readonly<Record<string, string>>): string[] {
  return Object.entries(volumes).map(([source, path]) => `${source}:${path}`);
}
