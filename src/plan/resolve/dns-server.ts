import { defaultDnsSettings, isSecondaryDns, readDnsSettings } from "../../model/dns-settings.ts";
import { ReynsError } from "../../errors.ts";
import { resolveEnvironment, type EnvironmentSources } from "./environment.ts";
import {
  isRunning,
  type DnsServer,
  type ObservedInstance,
  type Registration,
} from "../../model/observed.ts";
import { stateText } from "../../model/problems.ts";

/**
 * The DNS of a project: the one that runs on this Engine, else the one of another node, by DNS_SERVICE_IP or by what
 * the instances here are registered with.
 *
 * @throws ReynsError NOT_RUNNING
 */
function findDnsServer(
  instances: readonly ObservedInstance[],
  sources: EnvironmentSources,
): DnsServer {
  const servers = instances.filter((one) => one.isDns && !isSecondaryDns(one));
  const running = servers.find((one) => isRunning(one) && one.registered);
  if (running?.registered) {
    const { server, zone } = running.registered;
    return { server, zone, host: running.host };
  }
  const { values } = resolveEnvironment({}, "", sources);
  const copied = instances.find(isSecondaryDns)?.registered;
  const recorded = recordedServer(instances).DNS_SERVICE_IP;
  const server = values["DNS_SERVICE_IP"] ?? recorded ?? copied?.server;
  if (server === undefined) throw noDns(servers[0]);
  const known = [...registrationsOf(instances), ...(copied ? [copied] : [])].find(
    (one) => one.server === server,
  )?.zone;
  const zone = readDnsSettings(values).zone ?? known ?? defaultDnsSettings.zone;
  return { server, zone, host: undefined };
}

/**
 * The same, and the secondary ones that run, which answer as well: at the addresses of their machines.
 *
 * @throws ReynsError NOT_RUNNING
 */
export function findDnsServers(
  instances: readonly ObservedInstance[],
  sources: EnvironmentSources,
): [DnsServer, ...DnsServer[]] {
  const secondaries = instances.flatMap((one) => {
    if (!isSecondaryDns(one) || !isRunning(one) || !one.registered) return [];
    return { server: one.registered.address, zone: one.registered.zone, host: one.host };
  });
  return [findDnsServer(instances, sources), ...secondaries];
}

/** The DNS on another machine that the instances here are registered with, as the variable by which they were told. */
export function recordedServer(instances: readonly ObservedInstance[]): {
  readonly DNS_SERVICE_IP?: string;
} {
  const own = new Set(instances.flatMap(({ isDns, address }) => (isDns ? address : [])));
  const elsewhere = registrationsOf(instances).find(({ server }) => !own.has(server));
  return elsewhere ? { DNS_SERVICE_IP: elsewhere.server } : {};
}

function registrationsOf(instances: readonly ObservedInstance[]): Registration[] {
  return instances.flatMap(({ isDns, registered }) => (registered && !isDns ? registered : []));
}

function noDns(stopped: ObservedInstance | undefined): ReynsError {
  if (!stopped) {
    const hint =
      "define one with dns() and run it; for one on another node, set DNS_SERVICE_IP in host.conf";
    return new ReynsError("NOT_RUNNING", "no DNS of this project runs here", { hint });
  }
  const { host, service, instance } = stopped;
  const hint = `start it: reyns start ${service} ${instance}`;
  return new ReynsError("NOT_RUNNING", `${host} is not running: ${stateText(stopped)}`, { hint });
}
