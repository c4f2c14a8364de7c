import type { PublishedPort } from "../../model/container-spec.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import { freePort, onFreePort } from "../../model/ports.ts";
import { isWithin } from "../../model/port-syntax.ts";
import type { PortDefinition } from "../../model/project.ts";
import { isEveryAddress } from "../checks/ports.ts";
import type { EnvironmentContext } from "./container-env.ts";

interface PortFacts extends Pick<
  EnvironmentContext,
  "project" | "selected" | "service" | "env" | "extra"
> {
  /** The container that this one replaces. */
  readonly existing: ObservedInstance | undefined;
}

/** The ports that a container publishes: those of its service's annotations, its own, and that of its SSH server. */
export function publishedPorts({
  project,
  selected,
  service,
  env,
  extra,
  existing,
}: PortFacts): PublishedPort[] {
  const ip = env["PUBLISH_ON_IP"] ?? env["SERVICE_IP"] ?? "";
  if (selected.properties.nethost || selected.definition.networkMode) return [];
  const annotated = selected.properties.publishPorts ? (service?.ports ?? []) : [];
  const { ports, publishSshOn } = selected.definition;
  const ssh: PortDefinition[] =
    publishSshOn === undefined ? [] : [{ container: 22, host: publishSshOn, protocol: "tcp" }];
  const published = [...annotated, ...ports, ...ssh].map((port) => ({ ip, ...port }));
  const wanted = [...published, ...extra.ports];
  const all = (project.hasFreePorts ? wanted.map(onFreePort) : wanted).filter(isFirst);
  return all.map((port) => withKept(port, all, existing));
}

/** A free port stays when its container is replaced; one that is stopped has none. */
function withKept(
  port: PublishedPort,
  all: readonly PublishedPort[],
  existing: ObservedInstance | undefined,
): PublishedPort {
  if (port.host !== freePort) return port;
  const fixed = new Set(all.map(({ host }) => host));
  const former = (existing?.ports ?? []).filter(
    ({ container, protocol, ip, host = freePort }) =>
      container === port.container &&
      protocol === port.protocol &&
      (ip === port.ip || (isEveryAddress(ip) && isEveryAddress(port.ip))) &&
      isWithin(host, port.within) &&
      !fixed.has(host),
  );
  const ipv6 = former.find(({ ip }) => ip === "::");
  const kept = former.find(({ ip }) => ip !== "::") ?? ipv6;
  if (kept?.host === undefined) return port;
  const isOther = port.ip === "" && ipv6?.host !== undefined && ipv6.host !== kept.host;
  return { ...port, kept: kept.host, ...(isOther && { keptIpv6: ipv6.host }) };
}

/** The same port said twice is one. */
function isFirst(port: PublishedPort, index: number, all: readonly PublishedPort[]): boolean {
  return index === all.findIndex((one) => keyOf(one) === keyOf(port));
}

function keyOf({ container, host, within, protocol, ip }: PublishedPort): string {
  return JSON.stringify([container, host, within, protocol, ip]);
}
