import { ReynsError, throwAll } from "../../errors.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import { log } from "../../ui/output/log.ts";

/** Why a command about one container does not work on a service of Docker Swarm. */
export function serviceError({ host, containerName }: ObservedInstance): ReynsError {
  const message = `${host} is a Swarm service: its tasks are containers on the nodes of the swarm`;
  const hint = `on a manager, docker service ps ${containerName} says where; reyns logs shows what all of them print`;
  return new ReynsError("INVALID_VALUE", message, { hint });
}

/** @throws ReynsError INVALID_VALUE */
export function requireContainer(instance: ObservedInstance): void {
  if (instance.swarm) throw serviceError(instance);
}

/**
 * Leaves out the services of Docker Swarm, and says so.
 *
 * @throws ReynsErrors INVALID_VALUE where nothing else is meant
 */
export function onlyContainers(chosen: readonly ObservedInstance[]): readonly ObservedInstance[] {
  const services = chosen.filter(({ swarm }) => swarm !== undefined);
  if (services.length > 0 && services.length === chosen.length)
    throwAll(services.map((service) => serviceError(service)));
  const hosts = services.map(({ host }) => host);
  if (hosts.length > 0) log.warn(`left out, as Swarm services: ${summarizeList(hosts, 8)}`);
  return chosen.filter(({ swarm }) => swarm === undefined);
}
