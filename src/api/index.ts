import type {
  ReadyCheck,
  InstanceType,
  Target,
  LinkDefinition,
  EnvValue,
} from "../project/types.ts";
import { recordConf, recordInstance, recordProject, type Recorder } from "./recorder.ts";
import { recordTask, type TaskFunction } from "./tasks.ts";

/** Points to an instance that `service()` or `dns()` has defined. */
export interface ServiceHandle {
  readonly service: string;
  /** `null`: any running instance of the service. */
  readonly instance: string | null;
}

type Later<Value> = Value | Promise<Value> | (() => Value | Promise<Value>);
type EnvInput = Later<string | number | boolean | null | EnvValue>;

/** A port to publish: a number, or an object where host and container differ. */
export type PortInput =
  | number
  | { readonly container: number; readonly host?: number; readonly protocol?: "tcp" | "udp" };

/** What `service()` takes; the words are Compose's where it has them. Values may be promises or functions. */
export interface ServiceOptions {
  /** Name of the instance; random at each run when left out. */
  readonly instance?: string;
  readonly instanceType?: InstanceType;
  /** Instances of a group run together: `reyns run group=NAME`. */
  readonly group?: string;
  /** False: `run all` leaves it out. Default true. */
  readonly autorun?: boolean;
  /** A ready image; without it the service is the folder `services/NAME`. */
  readonly image?: Later<string>;
  readonly links?: readonly LinkDefinition[];
  /** Starts only when these are ready. */
  readonly after?: readonly Target[];
  readonly env?: Readonly<Record<string, EnvInput>>;
  /** What runs in it: a text for the shell, or the words of a command. */
  readonly command?: Later<string | readonly string[]>;
  /** `["SOURCE:PATH"]` or `{ SOURCE: "PATH" }`; a source with a `/` is a folder, any other a named volume. */
  readonly volumes?: readonly string[] | Readonly<Record<string, string>>;
  readonly ports?: readonly PortInput[];
  readonly hostname?: string;
  readonly privileged?: boolean;
  readonly ready?: ReadyCheck;
  /** Seconds until it has to be ready, 60 unless given; the call's `timeout=` counts more. */
  readonly timeout?: number;
  readonly linked?: boolean;
  readonly publishPorts?: boolean;
  readonly persistentData?: boolean;
  readonly persistentOpt?: boolean;
  readonly persistentLog?: boolean;
  readonly persistentHome?: boolean;
  /** `/shared` is one folder on the host for all instances. */
  readonly persistentShared?: boolean;
  /** Persistent folders are the Engine's volumes instead of folders on the host. */
  readonly safePersistency?: boolean;
  /** In the host's own network. */
  readonly nethost?: boolean;
  /** Options of `docker run`, for what has no field of its own. */
  readonly extraArgs?: string;
  /** Port of the host on which its SSH server is published. */
  readonly publishSshOn?: number;
}

/** What `dns()` takes besides; what is left out has its default. */
export interface DnsOptions extends ServiceOptions {
  /** The zone that it serves: `local.zone`. All instances that register with it search their short names there. */
  readonly zone?: Later<string>;
  /** Seconds that a resolver may keep a name: 5. */
  readonly ttl?: Later<number>;
  /** Seconds after which the names of an instance that died without a word go: 13. At least twice `renew`. */
  readonly lease?: Later<number>;
  /** Seconds between two signs of life of an instance: 5. */
  readonly renew?: Later<number>;
}

/** Checks that say when an instance is ready; ports are the container's, paths absolute. */
export const ready = {
  /** A TCP connection to the port is accepted. */
  tcp: (port: number): ReadyCheck => ({ kind: "tcp", port }),
  /** The path answers with a status below 400. */
  http: (port: number, path = "/"): ReadyCheck => ({ kind: "http", port, path }),
  /** A line of the output matches. */
  log: (pattern: string | RegExp): ReadyCheck => {
    const { source, flags } = new RegExp(pattern);
    return { kind: "log", pattern: source, flags };
  },
  /** The command exits with 0 inside the instance. */
  command: (...command: string[]): ReadyCheck => ({ kind: "command", command }),
  /** The image's own HEALTHCHECK says healthy. */
  healthy: (): ReadyCheck => ({ kind: "healthy" }),
  /** The file exists inside the instance. */
  file: (path: string): ReadyCheck => ({ kind: "file", path }),
} as const;

/** The IPv4 address that this host has on an interface, as a value of `env`. */
export function fromInterface(name: string): string {
  return `from_${name}`;
}

/**
 * A variable that whoever runs the project must give: asked for on a terminal, else an error before
 * anything starts.
 *
 * @example
 * service("db", { env: { PASSWORD: required({ secret: true }) } });
 */
export function required(
  options: { readonly secret?: boolean; readonly description?: string } = {},
): EnvValue {
  return { kind: "required", secret: options.secret ?? false, description: options.description };
}

/**
 * Links an instance to another: the name resolves to it, and `NAME_SERVICE_IP` holds its address.
 *
 * @param target a handle, a service's name (any running instance), or a host pattern such as `"db-*"` or `{ host: "db-one" }`
 * @param name the link's name; the service's unless given
 */
export function link(target: Target | string, name?: string): LinkDefinition {
  if (typeof target !== "string") {
    const standard = "host" in target ? nameOfPattern(target.host) : target.service;
    return { name: name ?? standard, target };
  }
  if (target.includes("*"))
    return { name: name ?? nameOfPattern(target), target: { host: target } };
  return { name: name ?? target, target: { service: target, instance: null } };
}

/** `db-*` -> `db` */
function nameOfPattern(pattern: string): string {
  return pattern.replaceAll("*", "").replace(/^-+|-+$/g, "");
}

/** The functions of the module "reyns", bound to the file that is being loaded. */
export function createApi(recorder: Recorder) {
  const service = (name: string, options: ServiceOptions = {}): ServiceHandle => {
    recordInstance(recorder, name, { ...options });
    return { service: name, instance: options.instance ?? null };
  };
  return {
    /** Names the project; without it the folder's name is taken. */
    project: (name: string): void => recordProject(recorder, name),
    /** Defines one instance of a service. */
    service,
    /**
     * Defines an instance of the dynamic DNS that Reyns carries.
     *
     * @example
     * const ns = dns({ zone: "shop.internal", ttl: 5 });
     */
    dns: ({ zone, ttl, lease, renew, ...options }: DnsOptions = {}): ServiceHandle => {
      const settings = { DNS_ZONE: zone, DNS_TTL: ttl, DNS_LEASE: lease, DNS_RENEW: renew };
      const given = Object.entries(settings).filter(([, value]) => value !== undefined);
      const env = { ...options.env, ...(Object.fromEntries(given) as Record<string, EnvInput>) };
      return service("reyns-dns", { instance: "main", ...options, env });
    },
    /** Defines a conf: the instances that `define` declares belong to it instead of the default one. */
    conf: (name: string, define: () => void | Promise<void>): void =>
      recordConf(recorder, name, define),
    /**
     * Defines a task of the project: `reyns do NAME key=value` runs it, nothing else does.
     *
     * @example
     * task("migrate", "Bring the database up to date", async ({ exec, args }) => {
     *   await exec(db, ["migrate", "--to", args.to ?? "latest"]);
     * });
     */
    task: (name: string, description: string, run: TaskFunction): void =>
      recordTask(recorder, name, description, run),
    link,
    fromInterface,
    required,
    ready,
  };
}

/** What the module "reyns" offers, apart from zx's helpers. */
export type Api = ReturnType<typeof createApi>;
