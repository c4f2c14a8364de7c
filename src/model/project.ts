import type { BuildDefinition, WrittenDockerfile } from "./build.ts";
import type { ContainerFile } from "./container-files.ts";
import type { HandoverSettings } from "./handover.ts";
import type { Hooks } from "./hooks.ts";
import type { PortProtocol } from "./ports.ts";
import type { ResolverSettings, RuntimeSettings, VolumeDefinition } from "./container-spec.ts";
import type { InstanceType } from "./instance-types.ts";
import type { NetworkDefinition, NetworkUse } from "./networks.ts";
import type { NodeDefinition } from "./nodes.ts";
import type { Properties } from "./properties.ts";
import type { RouteDefinition, RouterSettings } from "./routes.ts";
import type { ParsedVolume, VolumesFrom } from "./volume-syntax.ts";
import type { Place } from "../errors.ts";

/** Where a project is, and where it began. */
export type ProjectFolder = Pick<Project, "folder" | "origin">;

/** A whole project, read from its folder and its definition without an Engine. Frozen data. */
export interface Project {
  readonly name: string;
  /** Real path of the project's folder. */
  readonly folder: string;
  /** The folder in which the project began; with the name it identifies the project, and it stays when the folder moves. */
  readonly origin: string;
  /** Earlier folders of it, the last one first. */
  readonly movedFrom?: readonly string[];
  /** The folder of persistent data on the host. */
  readonly dataFolder: string;
  /** The selected conf. */
  readonly conf: Conf;
  readonly definedConf?: Conf; // The same without what a copy changes.
  /** Services by name, including the bundled ones. */
  readonly services: ReadonlyMap<string, ServiceFolder>;
  readonly hasFreePorts?: boolean; // Instead of all fixed ones of the host.
  /** Default of the variable DNS_UPDATE_POLICY. */
  readonly updatePolicy: "REPLACE" | "APPEND";
}

/** A named list of instances. */
export interface Conf {
  readonly name: string;
  /** The file that defines it; undefined if the project has no definition. */
  readonly file: string | undefined;
  /** True for a `.conf`: its instances start one after another, in the order of the file. */
  readonly sequential: boolean;
  readonly isCompose?: boolean; // Besides theirs, its containers get variables REYNS_… only.
  /** True if its file stopped at an error: nobody knows what it would have defined after that. */
  readonly isIncomplete?: boolean;
  readonly instances: readonly InstanceDefinition[];
  readonly receipt?: "required" | undefined; // `run` starts it only with one.
  /** What may not be meant in its files, each with its place. */
  readonly warnings?: readonly string[];
  /** What `volume()` declares, by the names in the definition. */
  readonly volumes?: Readonly<Record<string, VolumeDefinition>>;
  readonly networks?: Readonly<Record<string, NetworkDefinition>>; // Of `network()`, likewise.
  readonly secretFiles?: readonly string[]; // Those of its Compose files, whatever uses them; absolute.
  readonly namesOverlay?: boolean; // By network("overlay"), which is the own network where there are nodes.
  readonly nodes?: Readonly<Record<string, NodeDefinition>> | undefined; // Of node() and host.conf.
}

/** When `run` pulls the image of an instance: `build` builds it at each run. */
export type PullPolicy = (typeof pullPolicies)[number];
export const pullPolicies = ["always", "missing", "never", "build"] as const;

/** One instance, as a `.conf` or a `reyns.ts` defines it. */
export interface InstanceDefinition extends HandoverSettings {
  readonly service: string;
  /** Undefined: a random name at each run. */
  readonly instance: string | undefined;
  readonly instanceType: InstanceType | undefined;
  readonly group: string | undefined;
  /** False: runs only if it is named. */
  readonly autorun: boolean;
  /** An existing image instead of a service folder. */
  readonly image: string | undefined;
  /** Undefined: when it is missing. */
  readonly pullPolicy?: PullPolicy | undefined;
  /** The service whose image it uses; reading the project puts its name into `image`. */
  readonly imageOf?: string | undefined;
  /** Builds the service from another folder than `services/NAME`. */
  readonly build?: BuildDefinition | undefined;
  readonly links: readonly LinkDefinition[];
  readonly after: readonly Target[];
  /** Those of them whose replacement restarts this instance. */
  readonly restartAfter?: readonly Target[];
  readonly env: Readonly<Record<string, EnvValue>>;
  /** Seconds to wait once it is ready; only in a `.conf`. */
  readonly sleep: number;
  readonly properties: Partial<Properties>;
  readonly command: readonly string[] | undefined;
  /** In Docker's short form, or in parts. */
  readonly volumes: readonly (string | ParsedVolume)[];
  /** Instances whose volumes it has as well; reading the project adds these to its own. */
  readonly volumesFrom?: readonly VolumesFrom[] | undefined;
  /** Copied into its container before it starts. */
  readonly files?: readonly ContainerFile[] | undefined;
  readonly secrets?: readonly SecretDefinition[] | undefined;
  readonly ports: readonly PortDefinition[];
  /** What it serves through the project's router. */
  readonly routes?: readonly RouteDefinition[] | undefined;
  /** It is the project's router. */
  readonly router?: RouterSettings | undefined;
  /** Undefined: the project's own network alone. */
  readonly networks?: readonly NetworkUse[] | undefined;
  /** Instead of networks of its own. */
  readonly networkMode?: NetworkMode | undefined;
  readonly hostname: string | undefined;
  readonly privileged: boolean | undefined;
  /** Additional lines of `/etc/hosts`. */
  readonly extraHosts?: readonly { readonly name: string; readonly address: string }[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Settings that go to the Engine unchanged. */
  readonly runtime?: RuntimeSettings;
  /** How it resolves names, instead of the project's way. */
  readonly resolver?: Partial<ResolverSettings> | undefined;
  readonly extraArgs: string | undefined; // Options of `docker run`.
  /** Port of the host that its SSH server is published on. */
  readonly publishSshOn: number | undefined;
  readonly hooks?: Hooks | undefined;
  readonly ready: ReadyCheck | undefined;
  /** It has to end, with status 0, before what depends on it starts; `always`: at each `run`, even if it has not changed. */
  readonly job?: { readonly always: boolean } | undefined;
  readonly isTest?: boolean; // Run by `reyns test`.
  /** Seconds that it may take to become ready. Undefined: the call's limit, else the default. */
  readonly timeout: number | undefined;
  /** What may not be meant in the files that it is read from. */
  readonly warnings?: readonly string[];
  readonly at: Place;
}

/** How many versions of an instance are kept unless it says otherwise. */
export const defaultVersions = 5;

/** Creates an instance definition; the service's folder and the instance type decide everything that is not given. */
export function defineInstance(
  given: Pick<InstanceDefinition, "service" | "at"> & Partial<InstanceDefinition>,
): InstanceDefinition {
  return {
    instance: undefined,
    instanceType: undefined,
    group: undefined,
    autorun: true,
    image: undefined,
    links: [],
    after: [],
    env: {},
    sleep: 0,
    properties: {},
    command: undefined,
    volumes: [],
    ports: [],
    hostname: undefined,
    privileged: undefined,
    extraArgs: undefined,
    publishSshOn: undefined,
    ready: undefined,
    timeout: undefined,
    versions: defaultVersions,
    ...given,
  };
}

/** Points to instances by service and instance (`null`: any running one), or by a pattern of host names with `*`. */
export type Target =
  | { readonly service: string; readonly instance: string | null }
  | { readonly host: string };

export interface LinkDefinition {
  /** The name that resolves to the target, and the prefix of `NAME_SERVICE_IP`. */
  readonly name: string;
  readonly target: Target;
}

/** The defined value of an environment variable. The text `from_NAME` is the IPv4 address of the host's interface NAME. */
export type EnvValue =
  | { readonly kind: "text"; readonly text: string; readonly secret?: boolean }
  /** A default: the variable of this name in the caller's environment or `host.conf` wins. */
  | {
      readonly kind: "variable";
      readonly name: string;
      readonly text: string;
      /** It looks like a plain value where it is defined: in a `.conf`. */
      readonly looksFixed?: boolean;
    }
  | {
      readonly kind: "required";
      readonly secret: boolean;
      readonly description: string | undefined;
    };

/** A secret as an instance defines it: its content, or the variable that has it. */
export interface SecretDefinition extends Omit<ContainerFile, "content" | "secret"> {
  readonly name: string;
  readonly source:
    | { readonly content: string }
    | { readonly variable: string; readonly value: EnvValue };
}

/** No network but its loopback, or that of another instance: its addresses, ports and names. */
export type NetworkMode =
  | { readonly kind: "none" }
  /** One that is not the project's. */
  | { readonly kind: "container"; readonly name: string }
  | { readonly kind: "instance"; readonly target: Target };

export interface PortDefinition {
  readonly container: number;
  /** Port on the host; `freePort`: one that the Engine chooses. */
  readonly host: number;
  /** The range that a free one has to be in: "8000-8010". */
  readonly within?: string;
  readonly protocol: PortProtocol;
  /** Address of the host to publish on. Default: SERVICE_IP. */
  readonly ip?: string;
}

/** The condition for an instance to be ready. */
export type ReadyCheck =
  | { readonly kind: "tcp"; readonly port: number }
  | { readonly kind: "http"; readonly port: number; readonly path: string }
  | { readonly kind: "log"; readonly pattern: string; readonly flags: string }
  | { readonly kind: "command"; readonly command: readonly string[] }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "healthy" }
  /** At once: nothing is waited for. */
  | { readonly kind: "started" };

/** A service: a folder `services/NAME/`, or a bundled image. */
export interface ServiceFolder extends WrittenDockerfile {
  readonly name: string;
  /** Absolute path, or the URL of a git repository; undefined for a bundled image. */
  readonly folder: string | undefined;
  /** The build options of the definition. */
  readonly build?: BuildDefinition | undefined;
  /** `PROJECT/NAME`, or the name of the bundled image. */
  readonly image: string;
  /** Base images of its Dockerfile, that of the last stage last. */
  readonly parents: readonly string[];
  /** Ports of its `# reyns: expose` annotations. */
  readonly ports: readonly PortDefinition[];
  readonly privileged: boolean;
  readonly requiredVariables: Readonly<Record<string, EnvValue>>;
  /** File name of its prestartup script, if it has one. */
  readonly prestartup: string | undefined;
  readonly noAutobuild: boolean;
  /** Build arguments that its Dockerfile declares; `BUILDING_UID` and the like are only passed if declared. */
  readonly buildArguments: readonly string[];
  /** True if its image depends on its folder and its parents alone. */
  readonly repeatable: boolean;
}
