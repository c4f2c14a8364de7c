import { isIPv6 } from "node:net";
import { ReynsError } from "../../../errors.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import type { Project } from "../../../model/project.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { isReachableFromHost } from "../../../runtime/host/reachability.ts";

type UrlOf = (instance: ObservedInstance, port: number | undefined) => string;

/** The URL of an instance as this host reaches it: at its own address, or where its port is published. */
export async function urlOf(
  engine: Engine,
  project: Project,
  instance: ObservedInstance,
  port?: number,
): Promise<string> {
  const isReachable = await isInReach(engine, instance.address);
  return formatUrl(project, instance, { port, isReachable });
}

/** The same for any instance, without waiting: all are in the networks of one Engine. */
export async function prepareUrls(
  engine: Engine,
  project: Project,
  instances: readonly ObservedInstance[],
): Promise<UrlOf> {
  const reachable = new Set<string>();
  for (const { address } of instances)
    if (address !== undefined && (await isInReach(engine, address))) reachable.add(address);
  return (instance, port) =>
    formatUrl(project, instance, { port, isReachable: reachable.has(instance.address ?? "") });
}

async function isInReach(engine: Engine, address: string | undefined): Promise<boolean> {
  return address !== undefined && isReachableFromHost(engine, address);
}

interface Reach {
  readonly port: number | undefined;
  readonly isReachable: boolean;
}

function formatUrl(
  project: Project,
  instance: ObservedInstance,
  { port: given, isReachable }: Reach,
): string {
  const port = given ?? onlyPort(project, instance);
  const scheme = [443, 8443].includes(port) ? "https" : "http";
  if (isReachable) return withoutDefault(scheme, instance.address ?? "", port);
  const published = instance.ports.find(
    ({ container, host, protocol }) =>
      container === port && host !== undefined && protocol === "tcp",
  );
  if (published?.host !== undefined) return withoutDefault(scheme, "127.0.0.1", published.host);
  const hint = `publish it: service("${instance.service}", { ports: ["127.0.0.1:${port}:${port}"] })`;
  const message = `port ${port} of ${instance.host} is not published, and its address cannot be reached from here`;
  throw new ReynsError("NOT_PUBLISHED", message, { hint });
}

/** A URL does not have the port that its scheme means. */
function withoutDefault(scheme: string, host: string, port: number): string {
  return new URL(`${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`).origin;
}

/** @throws ReynsError INVALID_VALUE where it has none, or several */
function onlyPort(project: Project, { service, instance, host, ports }: ObservedInstance): number {
  const definition = project.conf.instances.find(
    (one) => one.service === service && one.instance === instance,
  );
  const { ready, routes = [] } = definition ?? {};
  const sources = [
    routes.flatMap(({ port }) => port ?? []),
    ready?.kind === "http" ? [ready.port] : [],
    ports.flatMap(({ container, host: to, protocol }) =>
      to !== undefined && protocol === "tcp" ? container : [],
    ),
    ready?.kind === "tcp" ? [ready.port] : [],
    (project.services.get(service)?.ports ?? []).flatMap(({ container, protocol }) =>
      protocol === "tcp" ? container : [],
    ),
    ports.flatMap(({ container, protocol }) => (protocol === "tcp" ? container : [])),
  ].map((all) => [...new Set(all)]);
  const first = sources.find((all) => all.length > 0) ?? [];
  const [port] = first;
  if (port !== undefined && first.length === 1) return port;
  const message = first.length === 0 ? `no port of ${host} is known` : `${host} has several ports`;
  const example = port ?? 8080;
  const hint = `name one${first.length > 0 ? ` of ${first.join(", ")}` : ""}: url("${service}", ${example})`;
  throw new ReynsError("INVALID_VALUE", message, { hint });
}
