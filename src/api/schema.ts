import * as v from "valibot";
import type { Place } from "../errors.ts";
import {
  defaultVersions,
  defineInstance,
  pullPolicies,
  type EnvValue,
  type InstanceDefinition,
} from "../model/project.ts";
import { fieldsIn, presetsIn, scriptFields } from "../model/property-schemas.ts";
import { nonEmptyString, portNumber, strictObject } from "../model/value-schemas.ts";
import { build, buildKeys } from "./build-fields.ts";
import {
  extraHosts,
  resolverFields,
  resolverOf,
  runtimeFields,
  runtimeSettingsOf,
} from "./container-fields.ts";
import { blkioConfig } from "./device-schemas.ts";
import {
  commandForm,
  duration,
  portDefinitions,
  record,
  recordOf,
  wholeNumber,
} from "./field-schemas.ts";
import { envFiles, envValue } from "./env-schemas.ts";
import { files, secrets } from "./file-schemas.ts";
import { defaultRuntime } from "../model/default-restart.ts";
import type { ReferencedFiles } from "./referenced-files.ts";
import { after, hookKeys, hooks, links, swarm, swarmKeys } from "./lifecycle-schemas.ts";
import { attachmentKeys, hostNetwork, networkMode, networks } from "./network-schemas.ts";
import { replacementOrders } from "../model/handover.ts";
import { routeKeys, routerOf, routerOptions, routes } from "./route-schemas.ts";
import { volumes, volumesFrom } from "./volume-schemas.ts";
import { isHandle, type ServiceHandle } from "./link.ts";

const readyForm =
  'ready.tcp(80), ready.http(80, "/up"), ready.log(/up/), ready.command("check"), ready.file("/up"), ready.healthy(), ready.started()';
const isCheck = (value: unknown): value is { kind: string } =>
  typeof value === "object" && value !== null && "kind" in value;
const ready = v.pipe(
  v.custom<{ kind: string }>(isCheck, readyForm),
  v.variant("kind", [
    strictObject({ kind: v.literal("tcp"), port: portNumber }),
    strictObject({ kind: v.literal("http"), port: portNumber, path: v.string() }),
    strictObject({ kind: v.literal("log"), pattern: v.string(), flags: v.string() }),
    strictObject({ kind: v.literal("command"), command: commandForm }),
    strictObject({ kind: v.literal("file"), path: nonEmptyString }),
    strictObject({ kind: v.literal("healthy") }),
    strictObject({ kind: v.literal("started") }),
  ]),
);

const image = v.custom<string | ServiceHandle>(
  (given) => (typeof given === "string" && given !== "") || isHandle(given),
  "a string, or the return value of service()",
);

/** The options of `service()`, after promises and functions are resolved. */
export const serviceSchema = strictObject({
  instance: v.optional(nonEmptyString),
  ...scriptFields,
  image: v.optional(image),
  build: v.optional(build),
  pullPolicy: v.optional(v.picklist(pullPolicies)),
  links: v.optional(links, []),
  after: v.optional(after, []),
  env: v.optional(recordOf(envValue, "{ NAME: value }"), {}),
  envFile: v.optional(envFiles, []),
  command: v.optional(commandForm),
  volumes: v.optional(volumes, []),
  volumesFrom: v.optional(volumesFrom),
  files: v.optional(files, {}),
  secrets: v.optional(secrets, {}),
  networks: v.optional(networks),
  networkMode: v.optional(networkMode),
  ports: v.optional(portDefinitions, []),
  route: v.optional(routes, []),
  replace: v.optional(v.picklist(replacementOrders)),
  drain: v.optional(duration),
  swarm: v.optional(swarm),
  ready: v.optional(ready),
  postStart: v.optional(hooks, []),
  preStop: v.optional(hooks, []),
  job: v.optional(v.boolean(), false),
  always: v.optional(v.boolean(), false),
  test: v.optional(v.boolean(), false),
  timeout: v.optional(duration),
  versions: v.optional(wholeNumber(1, 100), defaultVersions),
  labels: v.optional(record),
  extraHosts: v.optional(extraHosts, []),
  ...resolverFields,
  ...runtimeFields,
});

/** The options of `router()`, likewise. */
export const routerSchema = strictObject({ ...serviceSchema.entries, ...routerOptions });

/** Accepted keys by the name of the option that has them; "" stands for the options themselves. */
export const acceptedKeys = {
  "": Object.keys(serviceSchema.entries),
  route: routeKeys,
  ports: ["container", "host", "protocol", "ip"],
  envFile: ["path", "required"],
  build: buildKeys,
  healthcheck: [
    "test",
    "interval",
    "timeout",
    "startPeriod",
    "startInterval",
    "retries",
    "disable",
  ],
  volumes: ["type", "source", "target", "readOnly", "bind", "volume", "tmpfs"],
  networks: attachmentKeys,
  gpus: ["driver", "count", "deviceIds", "capabilities", "options"],
  blkioConfig: Object.keys(blkioConfig.entries),
  logging: ["driver", "options"],
  postStart: hookKeys,
  preStop: hookKeys,
  ...swarmKeys,
};

/** The name of an instance that is given none. */
export const defaultInstance = "one";

/** Additional options of `dns()`. */
export const dnsKeys = ["zone", "ttl", "lease", "renew", "secondary"];

export type ParsedOptions = v.InferOutput<typeof serviceSchema> &
  Partial<v.InferOutput<typeof routerSchema>>;

/** Beside `build`, an image is the name of what is built. The instance's platform is the build's, unless that has one. */
function imageFrom({
  image: given,
  build: definition,
  platform,
}: ParsedOptions): Pick<InstanceDefinition, "image" | "imageOf" | "build"> {
  const built = definition && (platform === undefined ? definition : { platform, ...definition });
  if (typeof given === "object") return { image: undefined, imageOf: given.service, build: built };
  return built === undefined || given === undefined
    ? { image: given, build: built }
    : { image: undefined, build: { ...built, image: given } };
}

function hooksIn({ postStart, preStop }: ParsedOptions): Pick<InstanceDefinition, "hooks"> {
  return postStart.length + preStop.length > 0 ? { hooks: { postStart, preStop } } : {};
}

/**
 * Turns checked options into an instance.
 *
 * @param read what its files have; the option `env` wins over env files
 */
export function instanceFromOptions(
  service: string,
  options: ParsedOptions,
  read: ReferencedFiles,
  at: Place,
): InstanceDefinition {
  return defineInstance({
    at,
    service,
    instance: options.instance ?? defaultInstance,
    ...imageFrom(options),
    ...(options.pullPolicy === undefined ? {} : { pullPolicy: options.pullPolicy }),
    links: options.links,
    after: options.after.flatMap(({ targets }) => targets),
    restartAfter: options.after.flatMap(({ targets, restarts }) => (restarts ? targets : [])),
    command: options.command,
    volumes: options.volumes,
    ...(options.volumesFrom === undefined ? {} : { volumesFrom: options.volumesFrom }),
    ...(read.files.length > 0 ? { files: read.files } : {}),
    ...(read.secrets.length > 0 ? { secrets: read.secrets } : {}),
    networks: options.networks,
    networkMode: options.networkMode === "host" ? undefined : options.networkMode,
    ports: options.ports,
    ...(options.route.length > 0 ? { routes: options.route } : {}),
    ...(options.replace === undefined ? {} : { replace: options.replace }),
    ...(options.drain === undefined ? {} : { drain: options.drain }),
    ...(options.swarm === undefined ? {} : { swarm: options.swarm }),
    ready: options.ready,
    ...hooksIn(options),
    timeout: options.timeout,
    versions: options.versions,
    job: options.job ? { always: options.always } : undefined,
    ...fieldsIn(options),
    // Unless it is named, only `reyns test` runs a test.
    ...(options.test ? { isTest: true, autorun: false } : {}),
    env: { ...toEnvValues(read.env), ...options.env },
    properties: { ...presetsIn(options), ...hostNetwork(options.networkMode) },
    extraHosts: options.extraHosts.map(([name, address]) => ({ name, address })),
    labels: options.labels ?? {},
    runtime: { ...defaultRuntime(service), ...runtimeSettingsOf(options) },
    resolver: resolverOf(options),
    ...routerOf(service, options),
  });
}

function toEnvValues(env: Readonly<Record<string, string>>): Record<string, EnvValue> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, { kind: "text", text: value }]),
  );
}
