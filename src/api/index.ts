import { commandArgs } from "../model/docker-syntax.ts";
import type { EnvValue, ReadyCheck } from "../model/project.ts";
import { link, type TargetInput } from "./link.ts";
import type { DnsOptions, Options, ServiceOptions } from "./options.ts";
import {
  recordAfter,
  recordConf,
  recordGroup,
  recordInstance,
  recordProject,
  type Recorder,
} from "./recorder.ts";
import { settle } from "./settle.ts";
import { recordTask, type TaskFunction } from "./tasks.ts";

/** Points to an instance that `service()` or `dns()` has defined. */
export interface ServiceHandle {
  readonly service: string;
  /** `null`: any running instance of the service. */
  readonly instance: string | null;
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
  /**
   * The command exits with 0 inside the instance: a text for the shell, or the words of a command.
   *
   * @example
   * ready.command("pg_isready --username shop")
   */
  command: (...command: readonly string[] | readonly [readonly string[]]): ReadyCheck => {
    const [first = []] = command;
    const isOne = command.length <= 1;
    return { kind: "command", command: isOne ? commandArgs(first) : command.flat() };
  },
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

/** The functions of the module "reyns", bound to the file that is being loaded. */
export function createApi(recorder: Recorder) {
  const service = (name: string, options: Options<ServiceOptions> = {}): ServiceHandle => {
    recordInstance(recorder, name, options);
    return { service: name, instance: options?.instance ?? null };
  };
  return {
    /**
     * Names the project; without it the folder's name is taken.
     *
     * @param name lower case letters, digits, inner hyphens
     */
    project: (name: string): void => recordProject(recorder, name),
    /**
     * Defines one instance of a service: of the folder `services/NAME`, or of a ready image.
     *
     * @returns a handle for `links` and `after` of others
     * @example
     * const db = service("db", { image: "postgres:17", instance: "one", ready: ready.tcp(5432) });
     * service("web", { instance: "one", links: [db] });
     */
    service,
    /**
     * Defines an instance of the dynamic DNS that Reyns carries; its name is `main` unless given.
     *
     * @example
     * const ns = dns({ zone: "shop.internal", ttl: 5 });
     */
    dns: ({ zone, ttl, lease, renew, ...options }: Options<DnsOptions> = {}): ServiceHandle => {
      const settings = { DNS_ZONE: zone, DNS_TTL: ttl, DNS_LEASE: lease, DNS_RENEW: renew };
      const given = Object.entries(settings).filter(([, value]) => value !== undefined);
      const merged = async (): Promise<object> => ({
        ...((await settle(options.env)) as object | undefined),
        ...((await settle(Object.fromEntries(given))) as object),
      });
      const env = given.length === 0 ? options.env : (merged as NonNullable<typeof options.env>);
      return service("reyns-dns", { instance: "main", ...options, ...(env ? { env } : {}) });
    },
    /**
     * Defines a conf, run by `conf=NAME`: the instances that `define` declares, also after an `await` in it, belong to
     * it instead of the default one.
     *
     * @example
     * conf("prod", () => {
     *   service("web", { instance: "master" });
     * });
     */
    conf: (name: string, define: () => void | Promise<void>): void =>
      recordConf(recorder, name, define),
    /**
     * Puts the instances that `define` declares, also after an `await` in it, into a group, run by `group=NAME`: one for
     * each machine, typically. An instance's own `group` counts more.
     *
     * @example
     * group("node2", () => {
     *   service("web", { instance: "two" });
     * });
     */
    group: (name: string, define: () => void | Promise<void>): void =>
      recordGroup(recorder, name, define),
    /**
     * Lets the instances that `define` declares, also after an `await` in it, start when others are ready, besides what
     * they link to or come `after` themselves.
     *
     * @param targets a handle, a service's name, a pattern such as `"db-*"`; one or several
     * @example
     * after([db, "cache"], () => {
     *   service("web", { instance: "one" });
     * });
     */
    after: (
      targets: TargetInput | readonly TargetInput[],
      define: () => void | Promise<void>,
    ): void => recordAfter(recorder, targets, define),
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
