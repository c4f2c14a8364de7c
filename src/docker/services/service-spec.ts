import type { ContainerSpec, NetworkAttachment } from "../../model/container-spec.ts";
import type { SwarmSettings } from "../../model/swarm-service.ts";
import { parseBytes } from "../../model/docker-syntax.ts";
import { createOptions } from "../containers/create-options.ts";
import { mountSettings } from "../containers/mount-settings.ts";
import type { FileReference, ServicePort, ServiceSpec } from "./types.ts";

interface ServiceParts {
  /** By which every node gets the same one: a digest, or an id. */
  readonly image: string;
  readonly files: { readonly Secrets: FileReference[]; readonly Configs: FileReference[] };
  /** Of the containers of its tasks; those of the spec are the service's. */
  readonly taskLabels: Readonly<Record<string, string>>;
  readonly forceUpdate: number;
  /** Driver for logOptions without one: a service cannot have these alone. */
  readonly logDriver?: string | undefined;
}

/** Converts the spec of a service to that of the Engine's API. What a service cannot have is not in it. */
export function serviceSpec(
  spec: ContainerSpec,
  swarm: SwarmSettings,
  { image, files, taskLabels, forceUpdate, logDriver }: ServiceParts,
): ServiceSpec {
  const { runtime } = spec;
  const ContainerSpec = { ...containerPart(spec), Image: image, Labels: taskLabels, ...files };
  const template = {
    ContainerSpec,
    Resources: resources(spec),
    RestartPolicy: restartPolicy(runtime.restart),
    Placement: placement(swarm),
    Networks: networks(spec),
    ...logging(runtime, logDriver),
    ForceUpdate: forceUpdate,
  };
  return {
    Name: spec.name,
    Labels: spec.labels,
    TaskTemplate: template,
    Mode: { Replicated: { Replicas: swarm.replicas } },
    UpdateConfig: updateConfig(swarm, swarm.onFailure),
    RollbackConfig: updateConfig(swarm, "pause"),
    // Another mode needs IPVS in the kernel of each node, and fails silently without.
    EndpointSpec: { Mode: "dnsrr", Ports: spec.ports.map(servicePort) },
  };
}

/** In the words of services, which differ from those of containers. */
function containerPart(spec: ContainerSpec) {
  const { runtime } = spec;
  const options = createOptions(spec);
  const { HostConfig = {} } = options;
  return {
    Command: runtime.entrypoint && [...runtime.entrypoint],
    Args: spec.command && [...spec.command],
    Hostname: spec.hostname,
    Env: options.Env,
    Dir: runtime.workingDir,
    User: runtime.user,
    Groups: runtime.groupAdd,
    TTY: options.Tty,
    OpenStdin: options.OpenStdin,
    ReadOnly: runtime.readOnly,
    Init: runtime.init,
    StopSignal: runtime.stopSignal,
    StopGracePeriod: runtime.stopGracePeriod && nanoseconds(runtime.stopGracePeriod),
    HealthCheck: options.Healthcheck,
    // "ADDRESS NAME", as in the file itself.
    Hosts: spec.extraHosts.map(({ name, address }) => `${address} ${name}`),
    DNSConfig: spec.dns && {
      Nameservers: [...spec.dns.servers],
      Search: [...spec.dns.search],
      Options: [...spec.dns.options],
    },
    Mounts: [
      ...(mountSettings(spec.mounts, spec.labels).Mounts ?? []),
      ...tmpfsMounts(runtime.tmpfs),
    ],
    Sysctls: runtime.sysctls,
    Ulimits: HostConfig.Ulimits,
    CapabilityAdd: runtime.capAdd,
    CapabilityDrop: runtime.capDrop,
  };
}

/** "size=64m,mode=1777" */
function tmpfsMounts(tmpfs: Readonly<Record<string, string>> = {}) {
  return Object.entries(tmpfs).map(([target, text]) => {
    const words = new Map(text.split(",").map((word) => word.split("=", 2) as [string, string]));
    const [size, mode] = [words.get("size"), words.get("mode")];
    return {
      Type: "tmpfs" as const,
      Target: target,
      TmpfsOptions: {
        ...(size === undefined ? {} : { SizeBytes: parseBytes(size) }),
        ...(mode === undefined ? {} : { Mode: Number.parseInt(mode, 8) }),
      },
    };
  });
}

function resources({ runtime: { cpus, memLimit, memReservation, pidsLimit } }: ContainerSpec) {
  return {
    Limits: {
      ...(cpus === undefined ? {} : { NanoCPUs: nanoseconds(cpus) }),
      ...(memLimit === undefined ? {} : { MemoryBytes: memLimit }),
      ...(pidsLimit === undefined ? {} : { Pids: Math.max(0, pidsLimit) }),
    },
    ...(memReservation === undefined ? {} : { Reservations: { MemoryBytes: memReservation } }),
  };
}

/** `no`, `always`, `on-failure[:COUNT]`; a task that has ended is replaced unless something else is said. */
function restartPolicy(restart = "always") {
  const [name, count] = restart.split(":");
  const condition = { no: "none", always: "any" }[name ?? ""] ?? name;
  return {
    Condition: condition,
    Delay: nanoseconds(1),
    ...(count === undefined ? {} : { MaxAttempts: Number(count) }),
  };
}

function placement({ placement: { constraints, spread, maxPerNode } }: SwarmSettings) {
  return {
    Constraints: [...constraints],
    Preferences: spread.map((by) => ({ Spread: { SpreadDescriptor: by } })),
    ...(maxPerNode === undefined ? {} : { MaxReplicas: maxPerNode }),
  };
}

function logging(
  { logDriver, logOptions = {} }: ContainerSpec["runtime"],
  standard: string | undefined,
) {
  const name = logDriver ?? standard;
  return name === undefined ? {} : { LogDriver: { Name: name, Options: logOptions } };
}

/** Whether the driver of its log is the Engine's, with options of its own. */
export function needsLogDriver({
  runtime: { logDriver, logOptions = {} },
}: ContainerSpec): boolean {
  return logDriver === undefined && Object.keys(logOptions).length > 0;
}

function networks({ network, joined = [] }: ContainerSpec) {
  const all: readonly NetworkAttachment[] = network ? [network, ...joined] : joined;
  return all.map(({ name, aliases, driverOpts }) => ({
    Target: name,
    Aliases: [...aliases],
    ...(driverOpts === undefined ? {} : { DriverOpts: driverOpts }),
  }));
}

function updateConfig(
  { parallelism, delay, monitor, order }: SwarmSettings,
  FailureAction: SwarmSettings["onFailure"],
) {
  return {
    Parallelism: parallelism,
    Delay: nanoseconds(delay),
    Monitor: nanoseconds(monitor),
    FailureAction,
    MaxFailureRatio: 0,
    Order: order,
  };
}

/** On the node of each task: the ports that all nodes answer on need IPVS, too. */
function servicePort({
  container,
  host,
  kept = host,
  protocol,
}: ContainerSpec["ports"][number]): ServicePort {
  return {
    Protocol: protocol,
    TargetPort: container,
    PublishedPort: kept,
    PublishMode: "host",
  };
}

function nanoseconds(seconds: number): number {
  return Math.round(seconds * 1e9);
}
