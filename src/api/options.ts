import type { InstanceType } from "../model/instance-types.ts";
import type { EnvValue, LinkDefinition, ReadyCheck } from "../model/project.ts";
import type { BuildOptions } from "./build-options.ts";
import type { ContainerOptions } from "./container-options.ts";
import type { FileInput } from "./files.ts";
import type { HooksInput } from "./hooks.ts";
import type { OneOrMore, Period } from "./option-values.ts";
import type { RouteOptions } from "./route-options.ts";
import type { SwarmOptions } from "./swarm-options.ts";
import type { RestartingTargets, ServiceHandle, TargetInput } from "./link.ts";
import type { ProcessOutput } from "./shell.ts";

/** A value, a promise of it, or a function that returns it; awaited before anything starts. */
export type Deferred<Value> = Value | Promise<Value> | (() => Value | Promise<Value>);

/** A value that may be deferred at any depth of objects and lists; a string may also be the output of a `$` command. */
export type DeepDeferred<Value> = Deferred<
  DeferredParts<Value> | (string extends Value ? ProcessOutput : never)
>;

type DeferredParts<Value> = Value extends object
  ? { [Key in keyof Value]: DeepDeferred<Value[Key]> }
  : Value;

/** Handles, the start order and the selection of instances depend on these: they cannot be deferred. */
type StaticOption = "instance" | "instanceType" | "group" | "links" | "after" | "ready" | "restart";

/** Options whose values may be deferred, apart from booleans and static options. */
export type Deferrable<Given> = {
  [Key in keyof Given]: Key extends StaticOption
    ? Given[Key]
    : NonNullable<Given[Key]> extends boolean
      ? Given[Key]
      : DeepDeferred<Given[Key]>;
};

/** The value of an environment variable; `null` is short for `required()`. */
export type EnvInput = string | number | boolean | null | EnvValue;

/**
 * Options of `service()`. Where Compose has the same field, the name is Compose's, in camelCase. Values may be promises
 * or functions, at any depth.
 *
 * @example
 * service("web", { instance: "one", links: [db], env: { LOG: "debug" }, ports: ["8080:80"] });
 */
export interface ServiceOptions extends ContainerOptions {
  /** Name of the instance: lower case letters, digits and inner hyphens. Default: `"one"`. */
  readonly instance?: string;
  /** Presets the properties below. Default: the instance's name if it is an instance type, else `"standard"`. */
  readonly instanceType?: InstanceType;
  /** Group of the instance: `reyns run group=NAME` runs its members. Letters, digits, `-` and `_`. */
  readonly group?: string;
  /** False: `reyns run all` leaves it out. Default: true. */
  readonly autorun?: boolean;
  /**
   * An image to run as it is, such as `"postgres:17"`, or the return value of another `service()` to share its image.
   * Default: built from `services/NAME`. Beside `build`: a name that the image gets besides `PROJECT/SERVICE`.
   */
  readonly image?: string | ServiceHandle;
  /**
   * When `reyns run` gets the image: `"always"` pulls it at each run, `"never"` expects it to be there, `"build"` builds
   * the service at each run. Planning never pulls. Default: `"missing"`.
   */
  readonly pullPolicy?: "always" | "missing" | "never" | "build";
  /** Builds from another folder than `services/NAME`: its path relative to the project's folder, or more options. */
  readonly build?: string | BuildOptions;
  /** Instances to reach by name; each sets the variable NAME_SERVICE_IP. This one starts once they are ready. */
  readonly links?: OneOrMore<LinkDefinition | TargetInput>;
  /**
   * Starts once these are ready: handles, names of services, or patterns of host names such as `"db-*"`. With
   * `{ db, restart: true }` it is also restarted when db is replaced.
   */
  readonly after?: OneOrMore<TargetInput | RestartingTargets>;
  /** Environment variables. `variable()` and `required()` take their values from the caller's environment or `host.conf`. */
  readonly env?: Readonly<Record<string, EnvInput>>;
  /**
   * Files of `NAME=value` lines, as Docker Compose reads them, relative to the project's folder. `env` wins over them.
   * With `{ path: "./local.env", required: false }` a file may be missing.
   */
  readonly envFile?: OneOrMore<string | { readonly path: string; readonly required?: boolean }>;
  /**
   * Requests that it serves through the project's router(): a host name, with a path if it serves only that, or more.
   *
   * @example
   * route: "shop.example.com"
   */
  readonly route?: OneOrMore<string | RouteOptions>;
  /**
   * Order of a replacement: the new container starts and gets the requests before the former one stops, or
   * the other way round. Default: `"start-first"` with a route, unless it publishes ports, has fixed addresses, is linked
   * to, or writes to something that is mounted.
   */
  readonly replace?: "start-first" | "stop-first";
  /** How long its former container may take to end the requests that it has begun. Default: 10 seconds. */
  readonly drain?: Period;
  /** Docker Swarm runs it as a service: on any of its nodes, as often as you say, and on another one when a node fails. */
  readonly swarm?: SwarmOptions;
  /**
   * When it is ready. Default: its startup scripts are done and its `healthcheck`, if it has one, passes; for images that are
   * not based on `reyns/reyns-base`: their HEALTHCHECK passes or, without one, all published ports accept connections.
   */
  readonly ready?: ReadyCheck;
  /**
   * Commands that are executed in it after each start, before it counts as ready. If one fails, the start fails.
   *
   * @example
   * postStart: { command: ["chown", "-R", "1000", "/data"], user: "root" }
   */
  readonly postStart?: HooksInput;
  /**
   * Commands that are executed in it before each stop, within `stopGracePeriod`. If one fails, that is a warning.
   *
   * @example
   * preStop: ["nginx", "-s", "quit"]
   */
  readonly preStop?: HooksInput;
  /** True: it has to end with status 0, as a migration does. The same as `job()`. Default: false. */
  readonly job?: boolean;
  /**
   * True: it is a test, which passes when it becomes ready or, as a job, ends with status 0. Only `reyns test` runs it, and
   * a `reyns run` that names it. Default: false.
   */
  readonly test?: boolean;
  /**
   * How long it may take to become ready. Default: 60 seconds, or longer as the start period, interval and retries of
   * its health check allow. `timeout=` of the call wins.
   */
  readonly timeout?: Period;
  /** How many versions are kept for `reyns rollback`, the one that serves included: 1 to 100. Default: 5. */
  readonly versions?: number;
  /** False: without its links. Default: by instance type. */
  readonly linked?: boolean;
  /** True: publishes the ports of the Dockerfile's `# reyns: expose` comments. Default: by instance type. */
  readonly publishPorts?: boolean;
  /** True: keeps `/data` on the host. Default: by instance type. */
  readonly persistentData?: boolean;
  /** True: keeps `/opt` on the host. Default: false. */
  readonly persistentOpt?: boolean;
  /** True: keeps `/var/log` on the host. Default: by instance type. */
  readonly persistentLog?: boolean;
  /** True: keeps `/home` on the host. Default: by instance type. */
  readonly persistentHome?: boolean;
  /** True: all instances share one `/shared` on the host. Default: false. */
  readonly persistentShared?: boolean;
  /** True: keeps persistent folders in Docker volumes instead of folders on the host. Default: false. */
  readonly safePersistency?: boolean;
  /** True: uses the host's network, where no port is published. Default: false. */
  readonly nethost?: boolean;
  /** Publishes the instance's SSH server on this port of the host, 1 to 65535. */
  readonly publishSshOn?: number;
}

/** Options of `job()`. Its `timeout` limits how long it may run; the default is no limit. */
export interface JobOptions extends Omit<ServiceOptions, "job" | "ready" | "restart" | "swarm"> {
  /** True: it runs at each `reyns run`. Default: only when it has changed since it last succeeded. */
  readonly always?: boolean;
}

/**
 * Options of `dns()`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc2136 how instances register their names
 */
export interface DnsOptions extends ServiceOptions {
  /** The zone; instances that register in it resolve their short names there. Default: `"local.zone"`. */
  readonly zone?: string;
  /** Seconds that a resolver may cache a name, a whole number. Default: 5. */
  readonly ttl?: number;
  /** Seconds until the names of an instance that died without deregistering expire. Default: 13. At least twice `renew`. */
  readonly lease?: number;
  /** Seconds between two renewals of an instance's lease. Default: 6. */
  readonly renew?: number;
  /** False: no secondary DNS on the other machines of `node()`. Default: one on each. */
  readonly secondary?: boolean;
}

/** Options of `router()`. */
export interface RouterOptions extends Omit<ServiceOptions, "route"> {
  /** Port of the host for HTTP; false: none. Default: 80. */
  readonly http?: number | false;
  /** Port of the host for HTTPS; false: none. Default: 443. */
  readonly https?: number | false;
  /** False: answers requests for HTTP as well, instead of sending them to HTTPS. Default: true. */
  readonly redirect?: boolean;
  /** E-mail address for the account at the certificate authority. */
  readonly email?: string;
  /** URL of the ACME directory of a certificate authority (RFC 8555). Default: Let's Encrypt's. */
  readonly acme?: string;
  /**
   * Root certificate by which the router trusts a private ACME server, in PEM. Default: those that Debian trusts.
   *
   * @example
   * router({ acme: "https://ca.internal/acme/directory", acmeRoot: file("./root.crt") });
   */
  readonly acmeRoot?: FileInput;
}
