import type { ContainerOptions } from "../../../api/container-options.ts";
import { wholeSeconds } from "../quantities.ts";
import type { ComposeService } from "../compose-file.ts";
import type { ComposeDeviceRequest } from "../compose-deploy.ts";
import { mapBuild } from "./build.ts";
import { refuse, toList, type MappedOptions, type ServiceContext } from "./context.ts";
import { mapDependencies } from "./dependencies.ts";
import { mapHealthcheck } from "./health.ts";
import { mapHooks } from "./hooks.ts";
import { mapLinks } from "./links.ts";
import { serviceName } from "./names.ts";
import { mapNetworks } from "./networks.ts";
import { mapBlkio, mapDeploy, mapGpus } from "./resources.ts";
import { durationText, mapUlimits, sizeText } from "./values.ts";

/** What becomes of a field of a service: options, a refusal, or nothing, as it has no effect here. */
type FieldRule<Value> =
  | ((value: Value, context: ServiceContext) => MappedOptions)
  | { readonly refused: string | undefined; readonly unless?: (value: Value) => boolean }
  | { readonly ignored: string };

type FieldRules = {
  readonly [Field in keyof ComposeService]-?: FieldRule<NonNullable<ComposeService[Field]>>;
};

/** The option with the same value. */
const as =
  <Name extends keyof ContainerOptions>(name: Name) =>
  (value: unknown): MappedOptions => ({ [name]: value });
const asNumber =
  <Name extends keyof ContainerOptions>(name: Name) =>
  (value: unknown): MappedOptions => ({ [name]: Number(value) });
const asSize =
  <Name extends keyof ContainerOptions>(name: Name) =>
  (value: string): MappedOptions => ({ [name]: sizeText(value) });

const refused = (hint?: string) => ({ refused: hint });
const elsewhere = { ignored: "read before, or with another field" };
const foreignNamespace = /^(?:service|container):/;

/** Passes a mode on, but not one that names another container. */
const asMode =
  <Name extends keyof ContainerOptions & keyof ComposeService>(name: Name) =>
  (value: string, context: ServiceContext): MappedOptions => {
    if (!foreignNamespace.test(value)) return { [name]: value };
    refuse(context, [name], "share another namespace than a container's", name);
    return {};
  };

export const serviceFields: FieldRules = {
  annotations: as("annotations"),
  attach: { ignored: "logs all follow=true shows the output" },
  blkio_config: mapBlkio,
  build: mapBuild,
  cap_add: as("capAdd"),
  cap_drop: as("capDrop"),
  cgroup: as("cgroup"),
  cgroup_parent: as("cgroupParent"),
  command: as("command"),
  configs: elsewhere,
  container_name: elsewhere,
  cpu_count: refused("use cpus"),
  cpu_percent: refused("use cpus"),
  cpu_period: asNumber("cpuPeriod"),
  cpu_quota: asNumber("cpuQuota"),
  cpu_rt_period: asNumber("cpuRtPeriod"),
  cpu_rt_runtime: asNumber("cpuRtRuntime"),
  cpu_shares: asNumber("cpuShares"),
  cpus: asNumber("cpus"),
  cpuset: as("cpuset"),
  credential_spec: refused("it is for Windows"),
  depends_on: mapDependencies,
  deploy: mapDeploy,
  develop: { ignored: "only docker compose watch reads it" },
  device_cgroup_rules: as("deviceCgroupRules"),
  devices: (devices) => ({
    devices: devices.map(({ source, target, permissions }) => `${source}:${target}:${permissions}`),
  }),
  dns: as("dns"),
  dns_opt: as("dnsOpt"),
  dns_search: as("dnsSearch"),
  domainname: as("domainname"),
  entrypoint: as("entrypoint"),
  env_file: elsewhere,
  environment: (environment) => ({
    env: Object.fromEntries(
      Object.entries(environment).flatMap(([name, value]) =>
        value === null ? [] : [[name, value]],
      ),
    ),
  }),
  expose: { ignored: "every port can be reached from the other instances" },
  external_links: refused("join an external network that the container is in"),
  extra_hosts: (hosts) => ({ extraHosts: hosts.map((host) => host.replace("=", ":")) }),
  gpus: (gpus, context) => ({ gpus: mapGpus(gpus.map(withGpu), ["gpus"], context) }),
  group_add: as("groupAdd"),
  healthcheck: mapHealthcheck,
  hostname: as("hostname"),
  image: (image) => ({ image }),
  init: as("init"),
  ipc: asMode("ipc"),
  isolation: { refused: "it is for Windows", unless: (value) => value === "default" },
  label_file: elsewhere,
  labels: as("labels"),
  links: mapLinks,
  logging: ({ driver, options }) => ({
    logging: { ...(driver === undefined ? {} : { driver }), ...(options ? { options } : {}) },
  }),
  mac_address: as("macAddress"),
  mem_limit: asSize("memLimit"),
  mem_reservation: asSize("memReservation"),
  mem_swappiness: asNumber("memSwappiness"),
  memswap_limit: (value) => ({ memswapLimit: Number(value) < 0 ? -1 : sizeText(value) }),
  models: refused("run the model as a service, and give its address as a variable"),
  network_mode: mapNetworkMode,
  networks: mapNetworks,
  oom_kill_disable: as("oomKillDisable"),
  oom_score_adj: as("oomScoreAdj"),
  pid: asMode("pid"),
  pids_limit: as("pidsLimit"),
  platform: (platform) => ({ platform }),
  ports: elsewhere,
  post_start: (hooks, context) => mapHooks("post_start", hooks, context),
  pre_start: refused(
    "use a service with depends_on: { condition: service_completed_successfully }",
  ),
  pre_stop: (hooks, context) => mapHooks("pre_stop", hooks, context),
  privileged: as("privileged"),
  profiles: elsewhere,
  provider: refused("it is a plugin of the docker client"),
  pull_policy: mapPullPolicy,
  pull_refresh_after: refused('"pull_policy: always" pulls at each run'),
  read_only: as("readOnly"),
  restart: as("restart"),
  runtime: as("runtime"),
  scale: elsewhere,
  secrets: elsewhere,
  security_opt: (options, context) => {
    for (const [index, option] of options.entries())
      if (/^seccomp[:=](?!unconfined)/.test(option))
        refuse(context, ["security_opt", index], 'only "seccomp:unconfined" is');
    return { securityOpt: options };
  },
  shm_size: asSize("shmSize"),
  stdin_open: as("stdinOpen"),
  // Compose gives the Engine whole seconds, and drops the rest.
  stop_grace_period: (period) => ({ stopGracePeriod: durationText(wholeSeconds(period)) }),
  stop_signal: as("stopSignal"),
  storage_opt: as("storageOpt"),
  sysctls: as("sysctls"),
  tmpfs: as("tmpfs"),
  tty: as("tty"),
  ulimits: (ulimits) => ({ ulimits: mapUlimits(ulimits) }),
  use_api_socket: refused("mount /var/run/docker.sock"),
  user: as("user"),
  userns_mode: as("usernsMode"),
  uts: as("uts"),
  volumes: elsewhere,
  volumes_from: mapVolumesFrom,
  working_dir: as("workingDir"),
};

/** In `gpus`, the capability "gpu" is implied. */
function withGpu(request: ComposeDeviceRequest): ComposeDeviceRequest {
  const { capabilities } = request;
  return capabilities
    ? { ...request, capabilities: [...new Set([...capabilities, "gpu"])] }
    : request;
}

function mapNetworkMode(mode: string, context: ServiceContext): MappedOptions {
  const service = /^service:(.+)$/.exec(mode)?.[1] ?? ownContainer(mode, context);
  if (service !== undefined) return { networkMode: `service:${serviceName(service)}` };
  if (mode === "host" || mode === "none") return { networkMode: mode };
  const container = /^container:(.+)$/.exec(mode)?.[1];
  if (container !== undefined) return { networkMode: `container:${container}` };
  const hint = 'accepted: "host", "none", "service:NAME" and "container:NAME"';
  refuse(context, ["network_mode"], hint);
  return {};
}

/** Containers of others are in no definition. */
function mapVolumesFrom(sources: readonly string[], context: ServiceContext): MappedOptions {
  const mapped = sources.flatMap((source, index) => {
    const path = ["volumes_from", index];
    const [name = "", mode] = source.split(":");
    const value = `${serviceName(name)}${mode === "ro" ? ":ro" : ""}`;
    if (name !== "container") return [{ path, value }];
    const hint = 'accepted: "SERVICE" and "SERVICE:ro"; or mount the same volumes';
    refuse(context, path, hint);
    return [];
  });
  const volumesFrom = toList("volumesFrom", mapped, context);
  return volumesFrom.length === 0 ? {} : { volumesFrom };
}

/** "container:NAME", for a name that the file gives to one of its services. */
function ownContainer(mode: string, { file }: ServiceContext): string | undefined {
  const container = /^container:(.+)$/.exec(mode)?.[1];
  if (container === undefined) return undefined;
  return Object.keys(file.services).find(
    (name) => file.services[name]?.container_name === container,
  );
}

function mapPullPolicy(policy: string, context: ServiceContext): MappedOptions {
  const known = { always: "always", never: "never", build: "build", missing: undefined } as const;
  if (policy === "if_not_present") return {};
  if (!Object.hasOwn(known, policy)) {
    refuse(context, ["pull_policy"], '"always" pulls at each run');
    return {};
  }
  const pullPolicy = known[policy as keyof typeof known];
  return pullPolicy === undefined ? {} : { pullPolicy };
}

/** The options that the fields of a service become, each by itself. */
export function mapFields(context: ServiceContext): MappedOptions {
  const parts = Object.entries(context.service).flatMap(([field, value]: [string, unknown]) => {
    const rule = serviceFields[field as keyof ComposeService] as FieldRule<unknown> | undefined;
    if (value === null || value === undefined || field.startsWith("x-")) return [];
    if (typeof rule === "function") return [rule(value, context)];
    if (rule === undefined || "refused" in rule) refuseField(rule, field, value, context);
    return [];
  });
  return Object.assign({}, ...parts) as MappedOptions;
}

function refuseField(
  rule: Extract<FieldRule<unknown>, { refused: unknown }> | undefined,
  field: string,
  value: unknown,
  context: ServiceContext,
): void {
  if (rule?.unless?.(value) !== true) refuse(context, [field], rule?.refused);
}
