import { defaultTimeout } from "./describe/describe.ts";
import { isRunning, isPublished, type ObservedInstance } from "../model/observed.ts";
import type { Ready, Register, RemoveInstance, Step, StopInstance } from "../model/steps.ts";

/** Starts stopped instances again: a DNS first, because the others register with it. */
export function planRestart(
  chosen: readonly ObservedInstance[],
  timeout: number = defaultTimeout,
): Step[] {
  const servers = chosen.filter(({ isDns }) => isDns);
  const after = servers.map(({ host }) => `start ${host}`);
  return chosen.map((instance) => ({
    kind: "restart-instance",
    id: `start ${instance.host}`,
    after: servers.includes(instance) ? [] : after,
    title: instance.host,
    reason: instance.state,
    host: instance.host,
    containerId: instance.id,
    name: undefined,
    ready: readinessAfterRestart(instance),
    timeout,
    register: publishedRegistration(instance),
  }));
}

function readinessAfterRestart({
  isDns,
  address,
  registered,
  hasEntrypoint,
}: ObservedInstance): Ready {
  if (isDns && address !== undefined && registered)
    return { kind: "dns", address, zone: registered.zone };
  return hasEntrypoint
    ? { kind: "entrypoint" }
    : { kind: "ports", address: address ?? "", ports: [] };
}

function publishedRegistration({
  registered,
  service,
  instance,
}: ObservedInstance): Register | undefined {
  return isPublished(registered) ? { ...registered, service, instance } : undefined;
}

/** Removes instances, their names in a DNS first, and the network when nothing is left in it. */
export function planClean(
  chosen: readonly ObservedInstance[],
  all: readonly ObservedInstance[],
  network: string | undefined,
  reason = "clean",
): Step[] {
  const gone = new Set(chosen.map(({ id }) => id));
  const removals = chosen.map((instance): RemoveInstance => ({
    ...departure(instance, chosen, all, reason),
    kind: "remove-instance",
    temporaryVolume: instance.temporaryVolume,
    // By the container: hosts of several projects may be the same.
    id: `remove ${instance.id}`,
  }));
  if (network === undefined || all.some(({ id }) => !gone.has(id))) return removals;
  return [
    ...removals,
    {
      kind: "remove-network",
      id: "network",
      after: removals.map(({ id }) => id),
      title: "network",
      reason: "nothing is left in it",
      name: network,
    },
  ];
}

/** Stops instances, their names in a DNS first. */
export function planStop(
  chosen: readonly ObservedInstance[],
  all: readonly ObservedInstance[],
): Step[] {
  return chosen.map((instance): StopInstance => ({
    ...departure(instance, chosen, all, "stop"),
    kind: "stop-instance",
    id: `stop ${instance.id}`,
  }));
}

function departure(
  instance: ObservedInstance,
  chosen: readonly ObservedInstance[],
  all: readonly ObservedInstance[],
  reason: string,
): Omit<StopInstance, "kind" | "id"> {
  return {
    after: [],
    title: instance.host,
    reason,
    host: instance.host,
    containerId: instance.id,
    deregister: deregistration(instance, chosen, all),
  };
}

/** Nothing to take back from a DNS of this Engine that goes as well, or that does not run. */
function deregistration(
  instance: ObservedInstance,
  gone: readonly ObservedInstance[],
  all: readonly ObservedInstance[],
): Register | undefined {
  const register = publishedRegistration(instance);
  const server = all.find(
    ({ isDns, address, registered }) =>
      isDns && register && [address, registered?.address].includes(register.server),
  );
  return server && (gone.includes(server) || !isRunning(server)) ? undefined : register;
}
