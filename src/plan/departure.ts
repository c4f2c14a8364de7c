import { isPublished, isRunning, isSetAside, type ObservedInstance } from "../model/observed.ts";
import type { Register } from "../model/readiness.ts";
import { isSecondaryDns } from "../model/dns-settings.ts";
import type { StartInstance, StopInstance } from "../model/steps.ts";
import type { Placed } from "./resolve/placement.ts";
import { swarmOf } from "./select/selection.ts";

/** How a container is registered, by its own labels; undefined where its names are not in the DNS. */
export function recordedRegistration({
  registered,
  service,
  instance,
}: ObservedInstance): Register | undefined {
  return isPublished(registered) ? { ...registered, service, instance } : undefined;
}

/** What has to be known to stop or remove an instance, by its own labels. */
export function departure(
  instance: ObservedInstance,
  chosen: readonly ObservedInstance[],
  all: readonly ObservedInstance[],
  reason: string,
): Omit<StopInstance, "kind" | "id" | "after"> {
  return {
    title: instance.host,
    reason,
    host: instance.host,
    hooks: instance.hooks,
    containerId: instance.id,
    ...(instance.swarm && { isService: true }),
    deregister: deregistration(instance, chosen, all),
    ...routerFor(instance, all, chosen),
  };
}

/**
 * The router that may send it requests, and stays. Only the router knows whether it does: an instance may have got its
 * route after it was made.
 */
export function routerFor(
  { project, origin }: ObservedInstance,
  all: readonly ObservedInstance[],
  gone: readonly ObservedInstance[],
): { readonly router?: string } {
  const router = all.find(
    (other) =>
      other.isRouter &&
      other.state === "running" &&
      other.project === project &&
      other.origin === origin,
  );
  return router && !gone.includes(router) ? { router: router.containerName } : {};
}

/** Nothing is deregistered from a DNS of this Engine that goes as well, or that does not run. */
function deregistration(
  instance: ObservedInstance,
  gone: readonly ObservedInstance[],
  all: readonly ObservedInstance[],
): Register | undefined {
  const register = recordedRegistration(instance);
  const servers = all.filter((one) => one.isDns && !isSecondaryDns(one));
  const server = servers.find(
    ({ address, registered }) =>
      register && [address, registered?.address].includes(register.server),
  );
  return server && (gone.includes(server) || !isRunning(server)) ? undefined : register;
}

type PreviousContainers = Pick<
  StartInstance,
  "removes" | "removesService" | "predecessor" | "formerHooks" | "departing"
>;

/** How a container leaves in whose place a service comes. */
function departureOf(
  existing: ObservedInstance,
  instances: readonly ObservedInstance[],
): Pick<StartInstance, "formerHooks" | "departing"> {
  const { hooks, deregister, router } = departure(existing, [existing], instances, "");
  return {
    ...(hooks === undefined ? {} : { formerHooks: hooks }),
    departing: { deregister, ...(router === undefined ? {} : { router }) },
  };
}

/** The container to go back to if the new one does not become ready, and the one that is of no use any more. */
export function previousContainers(
  { existing, selected }: Placed,
  instances: readonly ObservedInstance[],
): PreviousContainers {
  if (!existing) return { removes: undefined, predecessor: undefined };
  const isService = existing.swarm !== undefined;
  // Swarm updates its service itself; what is no service yet, or no more, makes way first.
  if (isService !== (swarmOf(selected) !== undefined))
    return {
      removes: existing.id,
      predecessor: undefined,
      ...(isService ? { removesService: true } : departureOf(existing, instances)),
    };
  if (isService) return { removes: undefined, predecessor: existing.id };
  const isUp = isRunning(existing) && existing.state !== "restarting";
  const serves = (isUp || isSetAside(existing)) && !existing.isJob;
  // A temporary volume cannot be emptied while a container has it, even a stopped one.
  const isKept = serves && selected.session === undefined && existing.temporaryVolume === undefined;
  const own = isKept ? existing.id : undefined;
  const predecessor = existing.predecessor ?? own;
  const removes = predecessor === existing.id ? undefined : existing.id;
  const { hooks: formerHooks } = existing;
  return { removes, predecessor, ...(formerHooks === undefined ? {} : { formerHooks }) };
}
