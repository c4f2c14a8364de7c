import type { InstanceType } from "../model/instance-types.ts";
import type { EnvValue, LinkDefinition, ReadyCheck } from "../model/project.ts";
import type { TargetInput } from "./link.ts";
import type { ProcessOutput } from "./shell.ts";

/** A value, a promise of it, or a function that gives it; awaited before anything starts. */
export type Later<Value> = Value | Promise<Value> | (() => Value | Promise<Value>);

/** The same at any depth of objects and lists; a text may be what a command of `$` writes. */
export type Deep<Value> = Later<Parts<Value> | (string extends Value ? ProcessOutput : never)>;

type Parts<Value> = Value extends object ? { [Key in keyof Value]: Deep<Value[Key]> } : Value;

/** What a handle, the order and the choice of instances go by: said in the file itself. */
type Fixed = "instance" | "instanceType" | "group" | "links" | "after" | "ready" | "restart";

/** Options whose values may come later. */
export type Options<Given> = {
  [Key in keyof Given]: Key extends Fixed
    ? Given[Key]
    : NonNullable<Given[Key]> extends boolean
      ? Given[Key]
      : Deep<Given[Key]>;
};

/** The value of a variable; `null` is short for `required()`. */
export type EnvInput = string | number | boolean | null | EnvValue;

/** Seconds as a number, or a text such as `"1m30s"` or `"500ms"`. */
export type Period = number | string;

/** Bytes as a number, or a text such as `"512m"` or `"2g"` (of 1024). */
export type Size = number | string;

/** One, or a list of them. */
export type OneOrMore<Value> = Value | readonly Value[];

/**
 * A port to publish on the host: the number of both sides, Docker's `"[IP:][HOST:]CONTAINER[/udp]"`, or an object.
 *
 * @example
 * ports: [80, "8080:80", "127.0.0.1:5353:53/udp", { container: 443, host: 8443 }]
 */
export type PortInput =
  | number
  | string
  | {
      /** Port inside, 1 to 65535. */
      readonly container: number;
      /** Port of the host; the container's unless given. */
      readonly host?: number;
      /** Default `"tcp"`. */
      readonly protocol?: "tcp" | "udp";
      /** Address of the host; default SERVICE_IP where the instance has one, else all. */
      readonly ip?: string;
    };

/** How an image is built that is not in `services/NAME`. */
export interface BuildOptions {
  /** The folder that the builder gets, relative to the project's. */
  readonly context: string;
  /** Path below the context. Default `"Dockerfile"`. */
  readonly dockerfile?: string;
  /** Values of the Dockerfile's `ARG`s. */
  readonly args?: Readonly<Record<string, string | number | boolean>>;
  /** The stage of the Dockerfile to stop at. Default: the last. */
  readonly target?: string;
}

/** A check that the Engine makes inside, again and again. Without `ready` the instance is ready when it is healthy. */
export interface HealthcheckOptions {
  /** A text for the shell, or the words of a command; the status 0 is healthy. Default: the image's own. */
  readonly test?: string | readonly string[];
  /** Default 30 s. */
  readonly interval?: Period;
  /** Default 30 s. */
  readonly timeout?: Period;
  /** Failures count only after it. Default 0. */
  readonly startPeriod?: Period;
  /** Failures in a row until it is unhealthy. Default 3. */
  readonly retries?: number;
  /** True: takes the image's own check away. */
  readonly disable?: boolean;
}

/** What the Engine does to the container of an instance; the names are Compose's. */
export interface ContainerOptions {
  /**
   * What runs in it, instead of the image's CMD: a text for the shell, or the words of a command.
   *
   * @example
   * command: ["postgres", "-c", "log_statement=all"]
   */
  readonly command?: string | readonly string[];
  /** Instead of the image's ENTRYPOINT; with an image of ours no prestartup script runs then. */
  readonly entrypoint?: string | readonly string[];
  /** Name or number, also `"USER:GROUP"`. Default: the image's. */
  readonly user?: string | number;
  /** Absolute path. Default: the image's. */
  readonly workingDir?: string;
  /** Default: SERVICE-INSTANCE. */
  readonly hostname?: string;
  /** True: all rights on the host. Default: what the Dockerfile's `# reyns: privileged` says. */
  readonly privileged?: boolean;
  /**
   * `["SOURCE:PATH"]` or `{ SOURCE: "PATH" }`; a source with a `/` is a folder relative to the project's, any other a
   * named volume of the project.
   *
   * @example
   * volumes: ["./site:/srv/site:ro", "cache:/var/cache"]
   */
  readonly volumes?: readonly string[] | Readonly<Record<string, string>>;
  /** Folders in memory: `"/tmp"`, `"/run:size=64m"`, or `{ "/run": "size=64m" }`. */
  readonly tmpfs?: OneOrMore<string> | Readonly<Record<string, string>>;
  /** True: nothing but volumes and tmpfs can be written to. */
  readonly readOnly?: boolean;
  /** Published on the host, whatever the instance type. */
  readonly ports?: readonly PortInput[];
  /** More names in `/etc/hosts`: `["NAME:ADDRESS"]` or `{ NAME: "ADDRESS" }`; `host-gateway` is the host. */
  readonly extraHosts?: readonly string[] | Readonly<Record<string, string>>;
  readonly healthcheck?: HealthcheckOptions;
  /** What the Engine does when it ends. Default `"no"`. */
  readonly restart?: "no" | "always" | "unless-stopped" | "on-failure" | `on-failure:${number}`;
  /** True: a small init as process 1 that takes zombies away and passes signals on. */
  readonly init?: boolean;
  /** How long it has to end by itself at `stop`, `clean` and `rerun`, until it is killed. Default 10 s. */
  readonly stopGracePeriod?: Period;
  /** Default: the image's, else `"SIGTERM"`. */
  readonly stopSignal?: string;
  /** Processors, also parts of one: `0.5`. Default: all. */
  readonly cpus?: number;
  /** Memory that it may use. Default: all. */
  readonly memLimit?: Size;
  /** Memory that is kept for it when the host has little. */
  readonly memReservation?: Size;
  /** Processes and threads that it may have; -1 for any number. */
  readonly pidsLimit?: number;
  /** Size of `/dev/shm`. Default 64m. */
  readonly shmSize?: Size;
  /** @example ulimits: { nofile: 65536, nproc: { soft: 1024, hard: 2048 } } */
  readonly ulimits?: Readonly<
    Record<string, number | { readonly soft: number; readonly hard: number }>
  >;
  /** Capabilities, such as `"NET_ADMIN"`. */
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  /** `"HOST[:CONTAINER[:rwm]]"` */
  readonly devices?: readonly string[];
  /** More groups of its user, by name or number. */
  readonly groupAdd?: readonly (string | number)[];
  /** Such as `"no-new-privileges"`. */
  readonly securityOpt?: readonly string[];
  readonly sysctls?: Readonly<Record<string, string | number>>;
  readonly logging?: {
    readonly driver?: string;
    readonly options?: Readonly<Record<string, string | number>>;
  };
  /** `"host"`, `"private"`, `"shareable"`, … */
  readonly ipc?: string;
  /** `"host"`: sees the processes of the host. */
  readonly pid?: string;
  /** True: its output is a terminal's. */
  readonly tty?: boolean;
  /** True: its standard input stays open. */
  readonly stdinOpen?: boolean;
  /** Labels of the container; those that begin with `io.reyns.` are Reyns's own. */
  readonly labels?: Readonly<Record<string, string | number | boolean>>;
  /** Options of `docker run`, for what has no field of its own. */
  readonly extraArgs?: string;
}

/**
 * What `service()` takes; the words are Compose's where it has them. Values may be promises or functions, at any depth.
 *
 * @example
 * service("web", { instance: "one", links: [db], env: { LOG: "debug" }, ports: ["8080:80"] });
 */
export interface ServiceOptions extends ContainerOptions {
  /** Name of the instance; random at each run when left out. Lower case letters, digits, inner hyphens. */
  readonly instance?: string;
  /** Presets the properties below. Default: the instance's name if it is one of them, else `"standard"`. */
  readonly instanceType?: InstanceType;
  /** Instances of a group run together: `reyns run group=NAME`. */
  readonly group?: string;
  /** False: `run all` leaves it out. Default true. */
  readonly autorun?: boolean;
  /** A ready image; without it the service is the folder `services/NAME`. */
  readonly image?: string;
  /** Another folder than `services/NAME` to build from: its path, or more. */
  readonly build?: string | BuildOptions;
  /** Others whose names it knows and whose addresses it gets; it starts when they are ready. */
  readonly links?: OneOrMore<LinkDefinition | TargetInput>;
  /** Starts only when these are ready: handles, services' names, patterns of host names. */
  readonly after?: OneOrMore<TargetInput>;
  /** Variables; what the caller's environment or `host.conf` has under the same name counts more. */
  readonly env?: Readonly<Record<string, EnvInput>>;
  /** Files of `NAME=value` lines, relative to the project; `env` counts more. */
  readonly envFile?: OneOrMore<string>;
  /** When it counts as ready. Default: our images' scripts are done; else healthy, else its ports accept. */
  readonly ready?: ReadyCheck;
  /** Until when it has to be ready, 60 seconds unless given; the call's `timeout=` counts more. */
  readonly timeout?: Period;
  /** False: without its links. Default by instance type. */
  readonly linked?: boolean;
  /** True: publishes the ports that the Dockerfile's `# reyns: expose` names. Default by instance type. */
  readonly publishPorts?: boolean;
  /** True: `/data` lives on the host. Default by instance type. */
  readonly persistentData?: boolean;
  /** True: `/opt` lives on the host. Default false. */
  readonly persistentOpt?: boolean;
  /** True: `/var/log` lives on the host. Default by instance type. */
  readonly persistentLog?: boolean;
  /** True: `/home` lives on the host. Default by instance type. */
  readonly persistentHome?: boolean;
  /** True: `/shared` is one folder on the host for all instances. Default false. */
  readonly persistentShared?: boolean;
  /** True: persistent folders are the Engine's volumes instead of folders on the host. Default false. */
  readonly safePersistency?: boolean;
  /** True: in the host's own network, where nothing is published. Default false. */
  readonly nethost?: boolean;
  /** Port of the host on which its SSH server is published. */
  readonly publishSshOn?: number;
}

/** What `dns()` takes besides; what is left out has its default. */
export interface DnsOptions extends ServiceOptions {
  /** The zone that it serves: `local.zone`. All instances that register with it search their short names there. */
  readonly zone?: string;
  /** Seconds that a resolver may keep a name: 5. */
  readonly ttl?: number;
  /** Seconds after which the names of an instance that died without a word go: 13. At least twice `renew`. */
  readonly lease?: number;
  /** Seconds between two signs of life of an instance: 6. */
  readonly renew?: number;
}
