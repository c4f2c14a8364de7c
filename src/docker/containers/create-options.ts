import type Docker from "dockerode";
import { withoutUndefined } from "../../lib/without-undefined.ts";
import type {
  ContainerSpec,
  Healthcheck,
  NetworkAttachment,
  RuntimeSettings,
} from "../../model/container-spec.ts";
import { hostBindings } from "../../model/ports.ts";
import { blockIoSettings, deviceMapping, deviceRequest } from "./device-settings.ts";
import { toHostConfig } from "./engine-settings.ts";
import { mountSettings } from "./mount-settings.ts";
import { parseRestartPolicy } from "./restart-policy.ts";

/** Converts a container spec to options of the Engine's API. */
export function createOptions(spec: ContainerSpec): Docker.ContainerCreateOptions {
  return {
    name: spec.name,
    Image: spec.image,
    // In the host's UTS namespace, or another container's, the Engine accepts none.
    ...(spec.runtime.uts === "host" || isShared(spec) ? {} : { Hostname: spec.hostname }),
    Labels: spec.labels,
    Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
    ...(spec.command ? { Cmd: [...spec.command] } : {}),
    Tty: spec.session === "terminal" || (spec.runtime.tty ?? false),
    OpenStdin: spec.session !== undefined || (spec.runtime.stdinOpen ?? false),
    StdinOnce: spec.session !== undefined,
    ExposedPorts: Object.fromEntries(
      spec.ports.map((port) => [`${port.container}/${port.protocol}`, {}]),
    ),
    HostConfig: hostConfig(spec),
    ...(spec.network ? { NetworkingConfig: networkingConfig(spec.network, spec) } : {}),
    ...runtimeConfig({ ...spec.runtime, macAddress: macOf(spec) }),
  };
}

function isShared({ networkMode }: ContainerSpec): boolean {
  return networkMode?.startsWith("container:") ?? false;
}

function macOf({ network, runtime }: ContainerSpec): string | undefined {
  return network?.mac ?? runtime.macAddress;
}

/** Since API 1.44 the hardware address of the endpoint counts, before that the container's. */
function networkingConfig(
  network: NetworkAttachment,
  spec: ContainerSpec,
): { EndpointsConfig: Docker.EndpointsConfig } {
  const attachments = [{ ...network, mac: macOf(spec) }, ...(spec.joined ?? [])];
  const endpoints = attachments.map((attachment) => [
    attachment.name,
    endpointSettings(attachment),
  ]);
  return { EndpointsConfig: Object.fromEntries(endpoints) as Docker.EndpointsConfig };
}

/** How a container is in a network. */
export function endpointSettings({
  address,
  ipv6,
  mac,
  aliases,
  ...options
}: Omit<NetworkAttachment, "mac"> & { readonly mac?: string | undefined }) {
  const { linkLocalIps, gwPriority, interfaceName } = options;
  const driverOpts = {
    ...options.driverOpts,
    ...(interfaceName === undefined ? {} : { [interfaceOption]: interfaceName }),
  };
  const fixed = {
    ...(address === undefined ? {} : { IPv4Address: address }),
    ...(ipv6 === undefined ? {} : { IPv6Address: ipv6 }),
    ...(linkLocalIps === undefined ? {} : { LinkLocalIPs: [...linkLocalIps] }),
  };
  return {
    ...(Object.keys(fixed).length === 0 ? {} : { IPAMConfig: fixed }),
    ...(Object.keys(driverOpts).length === 0 ? {} : { DriverOpts: driverOpts }),
    ...(gwPriority === undefined ? {} : { GwPriority: gwPriority }),
    ...(mac ? { MacAddress: mac } : {}),
    Aliases: [...aliases],
  };
}

/** @see https://docs.docker.com/reference/compose-file/services/#interface_name */
const interfaceOption = "com.docker.network.endpoint.ifname";

/** The runtime settings that are not part of HostConfig. */
function runtimeConfig(runtime: RuntimeSettings): Docker.ContainerCreateOptions {
  const { entrypoint, stopGracePeriod, healthcheck } = runtime;
  return withoutUndefined<Docker.ContainerCreateOptions & { MacAddress?: string }>({
    Entrypoint: entrypoint && [...entrypoint],
    User: runtime.user,
    WorkingDir: runtime.workingDir,
    Domainname: runtime.domainname,
    MacAddress: runtime.macAddress,
    StopSignal: runtime.stopSignal,
    // The API accepts whole seconds only.
    StopTimeout: stopGracePeriod && Math.ceil(stopGracePeriod),
    Healthcheck: healthcheck && healthConfig(healthcheck),
  });
}

function healthConfig(check: Healthcheck): Docker.HealthConfig {
  return withoutUndefined<Docker.HealthConfig & { StartInterval?: number }>({
    Test: check.test && [...check.test],
    Interval: nanoseconds(check.interval),
    Timeout: nanoseconds(check.timeout),
    StartPeriod: nanoseconds(check.startPeriod),
    StartInterval: nanoseconds(check.startInterval),
    Retries: check.retries,
  });
}

function nanoseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1e9);
}

function hostConfig(spec: ContainerSpec): Docker.HostConfig {
  return {
    ...runtimeHostConfig(spec.runtime),
    AutoRemove: spec.session !== undefined,
    NetworkMode: spec.network?.name ?? spec.networkMode ?? "host",
    ExtraHosts: spec.extraHosts.map(({ name, address }) => `${name}:${address}`),
    ...mountSettings(spec.mounts, spec.labels),
    PortBindings: portBindings(spec),
    Privileged: spec.privileged,
    ...(spec.dns
      ? {
          Dns: [...spec.dns.servers],
          DnsSearch: [...spec.dns.search],
          DnsOptions: [...spec.dns.options],
        }
      : {}),
  };
}

function runtimeHostConfig(runtime: RuntimeSettings): Docker.HostConfig {
  const { devices, gpus, ulimits, blkioConfig = {} } = runtime;
  const others = withoutUndefined<Docker.HostConfig>({
    Devices: devices?.map(deviceMapping),
    DeviceRequests: gpus?.map(deviceRequest),
    Ulimits: ulimits?.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    RestartPolicy: runtime.restart === undefined ? undefined : parseRestartPolicy(runtime.restart),
    LogConfig: logConfig(runtime),
  });
  return { ...toHostConfig(runtime), ...blockIoSettings(blkioConfig), ...others };
}

function logConfig(runtime: RuntimeSettings): Docker.HostConfig["LogConfig"] {
  const { logDriver, logOptions = {} } = runtime;
  if (logDriver === undefined && Object.keys(logOptions).length === 0) return undefined;
  return { Type: logDriver ?? "", Config: { ...logOptions } };
}

function portBindings(spec: ContainerSpec): Docker.PortMap {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of spec.ports) {
    (bindings[`${port.container}/${port.protocol}`] ??= []).push(
      ...hostBindings(port).map(({ ip, host }) => ({ HostIp: ip, HostPort: host })),
    );
  }
  return bindings;
}
