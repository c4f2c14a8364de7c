import type { ContainerFile } from "./container-files.ts";
import type { EngineSettings } from "./engine-fields.ts";
import type { EndpointOptions } from "./networks.ts";
import type { Hooks } from "./hooks.ts";
import type { PortProtocol } from "./ports.ts";
import type { SwarmSettings } from "./swarm-service.ts";
import type { MountOptions, MountType } from "./volume-syntax.ts";

/** How a caller is attached to a container. */
export type SessionKind = "terminal" | "pipes";

/** A container as the plan wants it and the Engine is asked for it, in Docker's words. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly hostname: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** Variables of its process that the Engine, and whoever asks it, is not told. */
  readonly secrets: Readonly<Record<string, string>>;
  /** None: the image's own command. */
  readonly command: readonly string[] | undefined;
  /** It is attached to the caller's terminal or pipes, ends with them, and is removed then. */
  readonly session: SessionKind | undefined;
  /** The one that its address is in. Undefined: what `networkMode` says, else the network of the host itself. */
  readonly network: NetworkAttachment | undefined;
  /** Others that it is in as well. */
  readonly joined?: readonly NetworkAttachment[];
  /** `none`, or `container:NAME` for the network of another container; only where `network` is undefined. */
  readonly networkMode?: string;
  readonly dns: ResolverSettings | undefined;
  readonly extraHosts: readonly { readonly name: string; readonly address: string }[];
  readonly mounts: readonly Mount[];
  /** Names of containers; what their images declare as VOLUME is mounted as well. */
  readonly volumesFrom?: readonly { readonly container: string; readonly readOnly: boolean }[];
  /** Copied into it before it starts. */
  readonly copiedFiles?: readonly ContainerFile[];
  readonly ports: readonly PublishedPort[];
  readonly privileged: boolean;
  /** What is executed in it after its start and before its stop: the Engine does not do that itself. */
  readonly hooks?: Hooks;
  /** It is a service of Docker Swarm with tasks of this spec. */
  readonly swarm?: SwarmSettings;
  readonly runtime: RuntimeSettings;
}

/** Settings that pass through to the Engine as they are, in Compose's words; undefined: the image's or the Engine's. */
export interface RuntimeSettings extends EngineSettings {
  /** Instead of the image's own. */
  readonly entrypoint?: readonly string[] | undefined;
  /** `HOST[:CONTAINER[:PERMISSIONS]]` */
  readonly devices?: readonly string[] | undefined;
  readonly gpus?: readonly DeviceRequest[] | undefined;
  readonly blkioConfig?: BlockIoLimits | undefined;
  readonly ulimits?: readonly Ulimit[] | undefined;
  readonly user?: string | undefined;
  readonly workingDir?: string | undefined;
  readonly domainname?: string | undefined;
  readonly macAddress?: string | undefined;
  /** `OS/ARCHITECTURE[/VARIANT]` of its image. */
  readonly platform?: string | undefined;
  /** `no`, `always`, `unless-stopped`, `on-failure[:COUNT]` */
  readonly restart?: string | undefined;
  readonly tty?: boolean | undefined;
  readonly stdinOpen?: boolean | undefined;
  readonly healthcheck?: Healthcheck | undefined;
  readonly logDriver?: string | undefined;
  readonly logOptions?: Readonly<Record<string, string>> | undefined;
  readonly stopSignal?: string | undefined;
  /** Seconds that it has to end by itself; the Engine's default is 10. */
  readonly stopGracePeriod?: number | undefined;
}

/** Devices that a driver chooses, such as GPUs: `--gpus` of `docker run`. */
export interface DeviceRequest {
  readonly driver?: string | undefined;
  /** -1: all of them. */
  readonly count?: number | undefined;
  readonly deviceIds?: readonly string[] | undefined;
  readonly capabilities: readonly string[];
  readonly options?: Readonly<Record<string, string>> | undefined;
}

/** How much a container may read from and write to block devices. */
export interface BlockIoLimits {
  /** Its share among all containers, 10 to 1000. */
  readonly weight?: number | undefined;
  readonly weightDevice?: readonly { readonly path: string; readonly weight: number }[] | undefined;
  readonly deviceReadBps?: readonly DeviceRate[] | undefined;
  readonly deviceReadIops?: readonly DeviceRate[] | undefined;
  readonly deviceWriteBps?: readonly DeviceRate[] | undefined;
  readonly deviceWriteIops?: readonly DeviceRate[] | undefined;
}

/** Bytes or operations per second of one device. */
export interface DeviceRate {
  readonly path: string;
  readonly rate: number;
}

/** Durations in seconds; what is undefined is the image's, else the Engine's default. */
export interface Healthcheck {
  /** `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", text]`. */
  readonly test: readonly string[] | undefined;
  readonly interval: number | undefined;
  readonly timeout: number | undefined;
  readonly startPeriod: number | undefined;
  /** Time between two checks during the start period. */
  readonly startInterval?: number | undefined;
  readonly retries: number | undefined;
}

export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

export interface NetworkAttachment extends EndpointOptions {
  readonly name: string;
  /** Fixed IPv4 address in the network; undefined: the Engine picks one of those left to it. */
  readonly address: string | undefined;
  /** Fixed IPv6 address. */
  readonly ipv6?: string;
  readonly aliases: readonly string[];
  readonly mac?: string;
  /** Those of the aliases that the definition adds. */
  readonly added?: readonly string[];
  /** Those of them that are no part of the definition. */
  readonly implied?: readonly string[];
  /** It is the project's own. */
  readonly isOwn?: true;
  /** The address follows from the instance's name, and is no part of its definition. */
  readonly isChosen?: true;
}

/** What ends up behind the container's resolv.conf (resolv.conf(5)). */
export interface ResolverSettings {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

export interface Mount extends MountOptions {
  readonly type: MountType;
  /** Absolute path on the host, or the volume's name; empty for a folder in memory. */
  readonly source: string;
  readonly target: string;
  /** How the definition declares the volume. */
  readonly declared?: VolumeDefinition;
}

/** A volume that `volume()` declares. */
export interface VolumeDefinition {
  /** It is there already, and is not the project's: never created or removed. */
  readonly external: boolean;
  /** Its name on the Engine, instead of one of the project's own. */
  readonly name?: string | undefined;
  readonly driver?: string | undefined;
  readonly driverOpts?: Readonly<Record<string, string>> | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

export interface PublishedPort {
  readonly container: number;
  /** `freePort`: one that the Engine chooses. */
  readonly host: number;
  /** The range that it chooses from. */
  readonly within?: string;
  /** The one that it chose before; no part of the definition. */
  readonly kept?: number;
  /** Another one for IPv6, where the Engine has chosen one for each family. */
  readonly keptIpv6?: number;
  readonly protocol: PortProtocol;
  /** Address of the host; empty for all of them. */
  readonly ip: string;
}
