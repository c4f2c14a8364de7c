import type Docker from "dockerode";
import { splitOnce } from "../../lib/split-once.ts";
import type { Healthcheck } from "../../model/container-spec.ts";
import {
  fieldText,
  healthcheckFields,
  labelFields,
  networkText,
  resolverLines,
  sizeText,
  ulimitText,
} from "../../model/field-text.ts";
import { unwrapCommand, unwrapHealthTest } from "../../model/secret-loader.ts";
import { engineFieldEntries, isBytes, type EngineFieldName } from "../../model/engine-fields.ts";
import { isCopiedFilePart } from "../../model/container-files.ts";
import { mask, type ContainerFields, type FieldValue } from "../../model/fields.ts";
import { labels, parseLabel } from "../../model/labels.ts";
import { imageVolumeNameOf, networkNameOf } from "../../model/resource-names.ts";
import { readAnswer, requireString } from "../client/answers.ts";
import type { Engine } from "../client/engine.ts";
import { requestIfExists } from "../client/request.ts";
import { findImage } from "../images/images.ts";
import { readBlockIo, readDeviceRequest } from "./device-settings.ts";

type FindImage = (name: string) => ReturnType<typeof findImage>;

/** Looks up images for several containers, each once. */
export function findImageOnce(engine: Engine): FindImage {
  const found = new Map<string, ReturnType<typeof findImage>>();
  return (name) => {
    const image = found.get(name) ?? findImage(engine, name);
    found.set(name, image);
    return image;
  };
}

/**
 * The fields of an existing container, as text.
 *
 * @returns undefined when there is no such container
 */
export async function inspectFields(
  engine: Engine,
  id: string,
  find: FindImage = findImageOnce(engine),
): Promise<ContainerFields | undefined> {
  const path = `/containers/${id}/json`;
  const info = await requestIfExists<Docker.ContainerInspectInfo>(engine, { method: "GET", path });
  if (!info) return undefined;
  const image = await find(readAnswer(engine, info, ({ Image }) => requireString(Image)));
  return readAnswer(engine, info, (details) => ({
    ...configFields(details),
    ...labelFields(withoutLabels(details.Config.Labels, image?.labels)),
    ...hostConfigFields(details.HostConfig),
    ...otherHostFields(details.HostConfig),
    networks: networkLines(details),
    ...envFields(details),
    ...fileFields(details),
  }));
}

/** A container has its image's labels, too. */
function withoutLabels(
  values: Readonly<Record<string, string>>,
  inherited: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => inherited[name] !== value),
  );
}

type PortBindings = Readonly<Record<string, Docker.PortMap[string] | null>>;

/** What the types of dockerode leave out. */
interface OptionalConfig {
  readonly StopTimeout?: number;
  readonly StopSignal?: string;
  readonly MacAddress?: string;
}

function configFields({
  Config,
  Mounts,
  HostConfig,
}: Docker.ContainerInspectInfo): ContainerFields {
  const { StopTimeout, StopSignal, MacAddress } = Config as OptionalConfig;
  return {
    image: Config.Image,
    command: (Config.Cmd ?? []).join(" ") || undefined,
    entrypoint: unwrapCommand([Config.Entrypoint ?? []].flat()).join(" ") || undefined,
    hostname: Config.Hostname,
    user: Config.User || undefined,
    workingDir: Config.WorkingDir || undefined,
    domainname: Config.Domainname || undefined,
    macAddress: MacAddress || undefined,
    stopSignal: StopSignal || undefined,
    stopGracePeriod: StopTimeout === undefined ? undefined : `${StopTimeout}s`,
    ...healthcheckFields(readHealthcheck(Config.Healthcheck)),
    mounts: Mounts.filter((mount) => !isOfImage(mount)).map(
      ({ Type, Name, Source, Destination, RW }) => {
        const names: Partial<Record<string, string>> = { volume: Name ?? "", tmpfs: "tmpfs" };
        const source = names[Type] ?? Source;
        return `${source}:${Destination}${RW ? "" : ":ro"}`;
      },
    ),
    // Podman has null for a port that is not published.
    ports: Object.entries((HostConfig.PortBindings ?? {}) as PortBindings).flatMap(
      ([inside, bindings]) =>
        (bindings ?? []).map(({ HostIp = "", HostPort = "" }) =>
          portText({ ip: HostIp, host: HostPort, inside }),
        ),
    ),
    links: HostConfig.ExtraHosts ?? [],
  };
}

function readHealthcheck(check: Docker.HealthConfig = {}): Partial<Healthcheck> {
  return {
    test: unwrapHealthTest(check.Test ?? []),
    interval: (check.Interval ?? 0) / 1e9,
    timeout: (check.Timeout ?? 0) / 1e9,
    startPeriod: (check.StartPeriod ?? 0) / 1e9,
    startInterval: (check.StartInterval ?? 0) / 1e9,
    retries: check.Retries,
  };
}

/** Whether a volume comes from the image: no definition mentions it, and the next container gets it, too. */
function isOfImage({
  Type,
  Name = "",
  Destination,
}: Docker.ContainerInspectInfo["Mounts"][number]): boolean {
  if (Type !== "volume") return false;
  // That of another instance, where it has its volumes.
  return Name.endsWith(imageVolumeNameOf("", Destination)) || /^[0-9a-f]{64}$/.test(Name);
}

/** `127.0.0.1:8080:80/tcp` */
function portText(port: {
  readonly ip: string;
  readonly host: number | string;
  readonly inside: string;
}): string {
  const ip = port.ip.includes(":") ? `[${port.ip}]` : port.ip;
  return `${ip === "" ? "" : `${ip}:`}${port.host || "free"}:${port.inside}`;
}

/** Not the name of a network. */
function isSpecialMode(mode: string | undefined): boolean {
  return /^(?:host|none|container:.*)$/.test(mode ?? "");
}

/** The fields that are single values of HostConfig. */
function hostConfigFields(config: Docker.HostConfig): ContainerFields {
  const values = config as Readonly<Record<string, unknown>>;
  const fields = engineFieldEntries.map(([name, { kind, key }]): [EngineFieldName, FieldValue] => {
    const value = values[key];
    // The Engine says false, 0 or "" where nothing is set.
    if (!value) return [name, undefined];
    if (isBytes(kind)) return [name, sizeText(Number(value))];
    return [name, fieldText(kind === "cpus" ? Number(value) / 1e9 : value)];
  });
  return Object.fromEntries(fields);
}

function otherHostFields(config: Docker.HostConfig): ContainerFields {
  const { RestartPolicy: restart } = config;
  const retries = restart?.MaximumRetryCount ? `:${restart.MaximumRetryCount}` : "";
  const resolver = {
    servers: config.Dns ?? [],
    search: config.DnsSearch ?? [],
    options: config.DnsOptions ?? [],
  };
  return {
    dns: resolverLines(resolver),
    networkMode: isSpecialMode(config.NetworkMode) ? config.NetworkMode : undefined,
    privileged: config.Privileged ? "true" : undefined,
    restart: restart?.Name ? `${restart.Name}${retries}` : undefined,
    devices: ((config.Devices ?? []) as Docker.DeviceMapping[]).map(
      ({ PathOnHost, PathInContainer, CgroupPermissions }) =>
        [PathOnHost, PathInContainer, CgroupPermissions].join(":"),
    ),
    gpus: fieldText((config.DeviceRequests ?? []).map(readDeviceRequest)),
    blkioConfig: fieldText(readBlockIo(config)),
    ulimits: (config.Ulimits ?? []).map(({ Name = "", Soft = 0, Hard = 0 }: Docker.Ulimit) =>
      ulimitText({ name: Name, soft: Soft, hard: Hard }),
    ),
    logDriver: config.LogConfig?.Type || undefined,
    logOptions: fieldText(config.LogConfig?.Config),
  };
}

/** The Engine adds the container's short id to the aliases. */
function networkLines({ Id, Config, NetworkSettings }: Docker.ContainerInspectInfo): string[] {
  const values = Config.Labels ?? {};
  const project = { name: values[labels.project] ?? "", origin: values[labels.folder] ?? "" };
  const all = Object.entries(NetworkSettings.Networks as Record<string, InspectedEndpoint>);
  return all.map(([name, { Aliases, IPAMConfig }]) => {
    const aliases = (Aliases ?? []).filter((alias) => alias !== Id.slice(0, 12));
    const isOwn = name === networkNameOf(project);
    const ipv6 = IPAMConfig?.IPv6Address;
    return networkText({
      name,
      address: isOwn ? undefined : IPAMConfig?.IPv4Address || undefined,
      ...(ipv6 ? { ipv6 } : {}),
      aliases,
    });
  });
}

interface InspectedEndpoint {
  readonly Aliases?: readonly string[] | null;
  readonly IPAMConfig?: { readonly IPv4Address?: string; readonly IPv6Address?: string } | null;
}

function envFields({ Config }: Docker.ContainerInspectInfo): ContainerFields {
  return Object.fromEntries(
    (Config.Env ?? []).map((line) => {
      const [name, value] = splitOnce(line, "=");
      return [`env ${name}`, value];
    }),
  );
}

/** The Engine knows nothing of copied files. */
function fileFields({ Config }: Docker.ContainerInspectInfo): ContainerFields {
  const parts = parseLabel<object>(Config.Labels[labels.definition]) ?? {};
  const names = Object.keys(parts).filter(isCopiedFilePart);
  return Object.fromEntries(names.map((part) => [part, mask]));
}
