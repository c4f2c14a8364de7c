import { defaultDnsSettings, readDnsSettings } from "../../model/dns-settings.ts";
import { ReynsError } from "../../errors.ts";
import { resolveEnvironment, type EnvironmentSources } from "./environment.ts";
import { isRunning, type ObservedInstance, type DnsServer } from "../../model/observed.ts";

/**
 * The DNS of a project: the one that runs on this Engine, else the one of another node, by DNS_SERVICE_IP or by what
 * the instances here are registered with.
 *
 * @throws ReynsError NOT_RUNNING
 */
export function findDnsServer(
  instances: readonly ObservedInstance[],
  sources: EnvironmentSources,
): DnsServer {
  const servers = instances.filter(({ isDns }) => isDns);
  const running = servers.find((one) => isRunning(one) && one.registered);
  if (running?.registered) {
    const { server, zone } = running.registered;
    return { server, zone, host: running.host };
  }
  const { values } = resolveEnvironment({}, "", sources);
  const registered = instances.flatMap(({ isDns, registered: one }) => (one && !isDns ? one : []));
  const elsewhere = registered.find(({ server }) =>
    servers.every(({ address }) => address !== server),
  );
  const server = values["DNS_SERVICE_IP"] ?? elsewhere?.server;
  if (server === undefined) throw noDns(servers[0]);
  const known = registered.find((one) => one.server === server)?.zone;
  const zone = readDnsSettings(values).zone ?? known ?? defaultDnsSettings.zone;
  return { server, zone, host: undefined };
}

function noDns(stopped: ObservedInstance | undefined): ReynsError {
  if (!stopped) {
    const hint =
      "define one with dns() and run it; for one on another node, set DNS_SERVICE_IP in host.conf";
    return new ReynsError("NOT_RUNNING", "no DNS of this project runs here", { hint });
  }
  const { host, state, service, instance } = stopped;
  const hint = `start it: reyns start ${service} ${instance}`;
  return new ReynsError("NOT_RUNNING", `${host} is not running: it is ${state}`, { hint });
}
