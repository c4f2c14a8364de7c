import { expect } from "./expect.ts";
import { file } from "./files.ts";
import { recordCompose, type ComposeOverrides, type ReadComposeServices } from "./compose.ts";
import { link, type ServiceHandle, type TargetInput } from "./link.ts";
import { routerService } from "../model/routes.ts";
import type {
  Deferrable,
  Deferred,
  DnsOptions,
  JobOptions,
  RouterOptions,
  ServiceOptions,
} from "./options.ts";
import { ready } from "./ready.ts";
import { recordAfter, recordConf, recordGroup, type ConfCall } from "./record-context.ts";
import { dnsOptions, recordInstance } from "./record-instance.ts";
import { recordProject } from "./record-project.ts";
import { recordTask } from "./record-task.ts";
import { createDefineTest } from "./record-test.ts";
import { recordNetwork, recordVolume } from "./record-declared.ts";
import type { NetworkHandle, NetworkOptions } from "./network.ts";
import type { NodeOptions } from "./node.ts";
import type { VolumeHandle, VolumeOptions } from "./volume.ts";
import { noteCaller, type Recorder } from "./recorder.ts";
import type { TaskFunction } from "./tasks.ts";
import type { DefineTest } from "./tests.ts";
import { defaultInstance } from "./schema.ts";
import { fromInterface, required, variable } from "./values.ts";

/** The functions of the module "reyns", bound to the file that is being loaded. */
export function createApi(recorder: Recorder, readComposeServices: ReadComposeServices) {
  const service = (name: string, options: Deferrable<ServiceOptions> = {}): ServiceHandle => {
    recordInstance(recorder, name, options);
    return { service: name, instance: options?.instance ?? defaultInstance };
  };
  const test: DefineTest = createDefineTest(recorder);
  return {
    /**
     * Names the project. Without it, the name is that of the folder. The environment variable PROJECT_NAME wins over both.
     *
     * @param name lower case letters, digits and inner hyphens, at most 63 characters (a DNS label, RFC 1035)
     * @example
     * project("shop");
     */
    project: (name: string): void => recordProject(recorder, name),
    /**
     * Defines one instance of a service, like an entry of `services:` in a compose.yaml. Its image is built from the
     * folder `services/NAME`, unless `image` or `build` is set.
     *
     * Mistakes do not throw: all of them are reported together, with their places, before anything starts.
     *
     * @param name lower case letters, digits and inner hyphens; SERVICE-INSTANCE is the host name
     * @returns a handle for `links` and `after` of other instances, and for `exec` in tasks
     * @example
     * const db = service("db", { image: "postgres:17", instance: "one", ready: ready.tcp(5432) });
     * service("web", { instance: "one", links: [db], ports: ["8080:80"] });
     */
    service,
    /**
     * Defines a job: an instance that has to end, such as a migration. It has succeeded when it exits with status 0;
     * whatever links to it or comes after it waits for that. It runs again when its definition or its image has changed
     * since, when it is named (`reyns run migrate`), or always with `always: true`. If it fails, the run fails.
     *
     * @returns a handle for `links` and `after` of other instances
     * @example
     * const migrate = job("migrate", { image: "acme/api", command: ["python3", "migrate.py"], after: db });
     * service("api", { after: migrate });
     */
    job: (name: string, options: Deferrable<JobOptions> = {}): ServiceHandle =>
      service(name, { ...options, job: true }),
    /**
     * Defines an instance of the dynamic DNS server that comes with Reyns. Its instance name is `main` unless given, and
     * `restart` is `"unless-stopped"`: it comes back after a boot.
     *
     * @example
     * const ns = dns({ zone: "shop.internal", ttl: 5 });
     */
    dns: (options: Deferrable<DnsOptions> = {}): ServiceHandle =>
      service("reyns-dns", { instance: "main", ...dnsOptions(options) }),
    /**
     * Defines the project's router: a Caddy that hands the requests for each `route` to the instances that serve it, with
     * HTTPS. Its instance name is `main` unless given.
     *
     * @example
     * router({ http: 8080, https: 8443 });
     * service("web", { image: "acme/web", route: { host: "shop.localhost", port: 3000 } });
     */
    router: (options: Deferrable<RouterOptions> = {}): ServiceHandle =>
      service(routerService, withRouterDefaults(options)),
    /**
     * Defines a conf: the instances that `define` declares, also after an `await` in it, run with `conf=NAME` instead of
     * the default ones.
     *
     * @param name letters, digits, `-` and `_`
     * @param options may be left out; `receipt: "required"` refuses to run it without a receipt of `reyns test`
     * @example
     * conf("prod", () => {
     *   service("web", { instance: "master" });
     * });
     * @example
     * conf("prod", { receipt: "required" }, () => {
     *   service("web", { instance: "master" });
     * });
     */
    conf: (...[name, options, define]: ConfCall): void =>
      recordConf(recorder, name, options, define),
    /**
     * Puts the instances that `define` declares, also after an `await` in it, into a group that runs with `group=NAME`,
     * for example one group for each machine. An instance's own `group` wins.
     *
     * @param name letters, digits, `-` and `_`
     * @example
     * group("node2", () => {
     *   service("web", { instance: "two" });
     * });
     */
    group: (name: string, define: () => void | Promise<void>): void =>
      recordGroup(recorder, name, define),
    /**
     * Starts the instances that `define` declares, also after an `await` in it, once the targets are ready. Their own
     * `links` and `after` count as well.
     *
     * @param targets one or several: a handle, a service's name, or a pattern such as `"db-*"`
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
     * Defines a task, which only `reyns do NAME key=value` runs.
     *
     * @param name letters, digits, `-`, `_`, `.` and `:`
     * @param description one line for the list of `reyns do`
     * @param run the task; an error that it throws ends `reyns do` with status 1
     * @example
     * task("migrate", "Bring the database up to date", async ({ exec, args }) => {
     *   await exec(db, ["migrate", "--to", args.to ?? "latest"]);
     * });
     */
    task: (name: string, description: string, run: TaskFunction): void =>
      recordTask(recorder, name, description, run),
    /**
     * Defines a test, which only `reyns test` runs: in a copy of the platform that is removed at the end. An instance or
     * a job with `test: true` is a test as well.
     *
     * @example
     * test("orders are stored", async ({ fetch, exec }) => {
     *   expect((await fetch(web, "/orders", { method: "POST", body: "{}" })).status).toBe(201);
     *   expect((await exec(db, "psql -U postgres -tc 'select count(*) from orders'")).stdout.trim()).toBe("1");
     * });
     */
    test,
    /**
     * Declares a volume that is not simply the project's own: one that is there already, one with another name, or one
     * with a driver. Instances mount it by its name, or by the handle.
     *
     * @param name letters, digits, `_`, `.` and `-`
     * @returns a handle for `volumes: [{ type: "volume", source: data, target: "/data" }]`
     * @example
     * volume("data", { external: true, name: "shop_data" });
     * service("db", { image: "postgres:17", volumes: ["data:/var/lib/postgresql/data"] });
     */
    volume: (name: string, options: Deferrable<VolumeOptions> = {}): VolumeHandle => {
      recordVolume(recorder, name, options);
      return { volume: name };
    },
    /**
     * Declares a network beside the project's own: one that Reyns creates and removes, or one that is there already, such
     * as that of a proxy which serves several projects. Instances without a network in common cannot reach each other.
     *
     * @param name letters, digits, `_`, `.` and `-`; `"default"` is the network of all instances without `networks`
     * @returns a handle for `networks`
     * @example
     * const back = network("back", { internal: true });
     * const proxy = network("proxy", { external: true });
     * service("db", { image: "postgres:17", networks: [back] });
     * service("web", { networks: ["default", back, proxy] });
     * @example
     * network("default", { enableIpv6: true });
     * network("overlay"); // with node(), that same one across the machines: a swarm, which `reyns nodes join` makes
     */
    network: (name: string, options: Deferrable<NetworkOptions> = {}): NetworkHandle => {
      recordNetwork(recorder, name, options);
      if (name === "overlay") recorder.namesOverlay = true;
      return { network: name };
    },
    /**
     * Names a machine with a Docker Engine. The group of the same name runs there; `reyns nodes` shows all machines.
     * `host.conf` can name other machines, or other endpoints, for one host.
     *
     * @param name that of the group: letters, digits, `_`, `.` and `-`
     * @param endpoint `"ssh://[USER@]HOST[:PORT]"`, `"tcp://HOST:PORT"`, `"unix:///PATH"`, `"context:NAME"` for a Docker
     * context, or `"local"` for this machine
     * @example
     * node("node1", "ssh://deploy@10.0.0.11");
     * node("node2", "ssh://node2.internal", { address: "10.0.0.12" });
     * group("node1", () => service("web", { instance: "one" }));
     */
    node: (name: string, endpoint: Deferred<string>, options: Deferrable<NodeOptions> = {}): void =>
      void recorder.nodes.push({ name, endpoint, options, at: noteCaller(recorder) }),
    /**
     * Defines all services of a Compose file, as Compose reads it: with its override, `.env`, profiles and includes.
     * Its key `name` names its volumes; the project is named by `project()`, or by its folder.
     *
     * @param path relative to this file
     * @param overrides options for single services, under their names in the file; `env` and `labels` are merged
     * @returns a handle for each service, under its name in the file
     * @example
     * const { db } = compose("./compose.yaml", { web: { ports: ["8080:80"] } });
     * service("report", { image: "acme/report", after: db });
     */
    compose: (path: string, overrides: ComposeOverrides = {}) =>
      recordCompose(recorder, readComposeServices, path, overrides),
    link,
    expect,
    file,
    fromInterface,
    required,
    variable,
    ready,
  };
}

function withRouterDefaults(options: Deferrable<RouterOptions>): Deferrable<ServiceOptions> {
  return { instance: "main", ...options };
}

/** The exports of the module "reyns", apart from zx's helpers. */
export type Api = ReturnType<typeof createApi>;
