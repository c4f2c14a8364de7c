import { ReynsError } from "../errors.ts";
import { acceptedHint } from "../lib/suggest.ts";
import { matches } from "./select/match.ts";
import { defaultTimeout } from "./describe/describe.ts";
import { isRunning, isPublished, type ObservedInstance } from "../model/observed.ts";
import type { Ready, Register, RemoveInstance, Step, StopInstance } from "../model/steps.ts";

/** Which of the observed instances a call means. */
export interface Choice {
  /** A service's name, a pattern, or "all". */
  readonly service: string;
  readonly instance: string | undefined;
  readonly group?: string | undefined;
}

/**
 * The observed instances that a call names.
 *
 * @throws ReynsError UNKNOWN_INSTANCE when a named one is not there
 */
export function chooseInstances(
  instances: readonly ObservedInstance[],
  choice: Choice,
): ObservedInstance[] {
  const chosen = instances.filter(
    ({ service, instance, group }) =>
      (choice.service === "all" || matches(choice.service, service)) &&
      (choice.instance === undefined || matches(choice.instance, instance)) &&
      (choice.group === undefined || choice.group === group),
  );
  // Nothing left of a group is what a second clean of it finds: no mistake.
  if (chosen.length > 0 || choice.service === "all") return chosen;
  throw unknownInstance(instances, choice);
}

/**
 * The one instance that a call names.
 *
 * @throws ReynsError UNKNOWN_INSTANCE; AMBIGUOUS_INSTANCE with a list, when there are several
 */
export function chooseOne(
  instances: readonly ObservedInstance[],
  choice: Choice,
): ObservedInstance {
  const chosen = chooseInstances(instances, choice);
  const [first] = chosen;
  if (first && chosen.length === 1) return first;
  if (!first) throw unknownInstance(instances, choice);
  throw new ReynsError("AMBIGUOUS_INSTANCE", `${choice.service} has ${chosen.length} instances`, {
    hint: `say which: ${chosen.map(({ instance }) => instance).join(", ")}`,
  });
}

function unknownInstance(
  instances: readonly ObservedInstance[],
  { service, instance }: Choice,
): ReynsError {
  const ofService = instances.filter((other) => matches(service, other.service));
  if (ofService.length > 0 && instance !== undefined) {
    const hint = acceptedHint(
      instance,
      ofService.map((other) => other.instance),
    );
    return new ReynsError("UNKNOWN_INSTANCE", `no instance "${instance}" of ${service}`, { hint });
  }
  const hint =
    instances.length === 0
      ? 'nothing is there; start it with "reyns run all"'
      : acceptedHint(service, new Set(instances.map((other) => other.service)));
  return new ReynsError("UNKNOWN_INSTANCE", `no instance of "${service}"`, { hint });
}

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
    host: instance.host,
    containerId: instance.id,
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
): Step[] {
  const gone = new Set(chosen.map(({ id }) => id));
  const removals = chosen.map((instance): RemoveInstance => ({
    ...leaving(instance, chosen, all),
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
    ...leaving(instance, chosen, all),
    kind: "stop-instance",
    id: `stop ${instance.id}`,
  }));
}

function leaving(
  instance: ObservedInstance,
  chosen: readonly ObservedInstance[],
  all: readonly ObservedInstance[],
): Omit<StopInstance, "kind" | "id"> {
  return {
    after: [],
    title: instance.host,
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
