import type { RuntimeSettings } from "./container-spec.ts";
import type { InstanceType } from "./instance-types.ts";
import type { Properties } from "./properties.ts";
import type { Place } from "../errors.ts";

/** A whole platform as its folder and its definition say it: data only, frozen, no Engine asked. */
export interface Project {
  readonly name: string;
  /** Real path of the project's folder; with the name it identifies the project. */
  readonly folder: string;
  /** Where persistent data lives on the host. */
  readonly dataFolder: string;
  /** The conf that was asked for. */
  readonly conf: Conf;
  /** Every service folder by service name, with the ones that Reyns carries. */
  readonly services: ReadonlyMap<string, ServiceFolder>;
  /** What a DNS_UPDATE_POLICY that is not given means. */
  readonly updatePolicy: "REPLACE" | "APPEND";
}

/** A named list of instances. */
export interface Conf {
  readonly name: string;
  /** The file that defines it; none when the project has no definition at all. */
  readonly file: string | undefined;
  /** True for a legacy conf: one after another in the order of the file. */
  readonly sequential: boolean;
  readonly instances: readonly InstanceDefinition[];
}

/** One instance as a `.conf` or a `reyns.ts` defines it. */
export interface InstanceDefinition {
  readonly service: string;
  /** None: a random name at each run. */
  readonly instance: string | undefined;
  readonly instanceType: InstanceType | undefined;
  readonly group: string | undefined;
  /** False: only runs when it is named. */
  readonly autorun: boolean;
  /** A ready image instead of a service folder. */
  readonly image: string | undefined;
  /** Another folder than `services/NAME` to build the service from. */
  readonly build?: BuildDefinition | undefined;
  readonly links: readonly LinkDefinition[];
  readonly after: readonly Target[];
  readonly env: Readonly<Record<string, EnvValue>>;
  /** Seconds to wait after it is ready (legacy confs). */
  readonly sleep: number;
  readonly properties: Partial<Properties>;
  readonly command: readonly string[] | undefined;
  readonly volumes: readonly string[];
  readonly ports: readonly PortDefinition[];
  readonly hostname: string | undefined;
  readonly privileged: boolean | undefined;
  /** Name -> address, in `/etc/hosts`. */
  readonly extraHosts?: readonly { readonly name: string; readonly address: string }[];
  readonly labels?: Readonly<Record<string, string>>;
  /** What goes to the Engine as it is said. */
  readonly runtime?: Partial<RuntimeSettings>;
  /** Options of `docker run`. */
  readonly extraArgs: string | undefined;
  /** Port of the host on which its SSH server is published. */
  readonly publishSshOn: number | undefined;
  readonly ready: ReadyCheck | undefined;
  /** Seconds until it has to be ready; the call's, else the standard, unless given. */
  readonly timeout: number | undefined;
  readonly at: Place;
}

/** An instance of which only what is given deviates from its service's folder and its instance type. */
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
    ...given,
  };
}

/**
 * Points to instances by service and instance (`null`: any running one), or by a pattern of their host
 * name, where `*` stands for any characters.
 */
export type Target =
  | { readonly service: string; readonly instance: string | null }
  | { readonly host: string };

export interface LinkDefinition {
  /** The name under which the target is known, also the prefix of `NAME_SERVICE_IP`. */
  readonly name: string;
  readonly target: Target;
}

/**
 * The value of an environment variable as it is defined. A text `from_NAME` stands for the IPv4
 * address of the host's interface NAME.
 */
export type EnvValue =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "required";
      readonly secret: boolean;
      readonly description: string | undefined;
    };

/** How a service is built when it is not from `services/NAME/Dockerfile`. */
export interface BuildDefinition {
  /** Relative to the project's folder. */
  readonly context: string;
  /** Path below the context. */
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
  /** The stage to stop at. */
  readonly target: string | undefined;
}

export interface PortDefinition {
  readonly container: number;
  /** Port on the host; the same as the container's unless given. */
  readonly host: number;
  readonly protocol: "tcp" | "udp";
  /** Address of the host to publish on; where SERVICE_IP is unless given. */
  readonly ip?: string;
}

/** When an instance counts as ready. */
export type ReadyCheck =
  | { readonly kind: "tcp"; readonly port: number }
  | { readonly kind: "http"; readonly port: number; readonly path: string }
  | { readonly kind: "log"; readonly pattern: string; readonly flags: string }
  | { readonly kind: "command"; readonly command: readonly string[] }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "healthy" };

/** A folder `services/NAME/`, or one of the images that Reyns carries. */
export interface ServiceFolder {
  readonly name: string;
  /** Absolute path; none for a carried image. */
  readonly folder: string | undefined;
  /** What the definition says of its build beyond the folder. */
  readonly build?: BuildDefinition | undefined;
  /** `PROJECT/NAME`, or the carried image's name. */
  readonly image: string;
  /** Images that its Dockerfile's `FROM` lines need, the last stage's last. */
  readonly parents: readonly string[];
  /** Ports that its annotations expose. */
  readonly ports: readonly PortDefinition[];
  readonly privileged: boolean;
  readonly requiredVariables: Readonly<Record<string, EnvValue>>;
  /** File name of its prestartup script, if it has one. */
  readonly prestartup: string | undefined;
  readonly noAutobuild: boolean;
  /** Build arguments that its Dockerfile declares (`BUILDING_UID` and so on are given when declared). */
  readonly buildArguments: readonly string[];
  /** All that its image is made of is its folder and its parents. */
  readonly repeatable: boolean;
}
