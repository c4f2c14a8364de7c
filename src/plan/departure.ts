import { isPublished, isRunning, type ObservedInstance } from "../model/observed.ts";
import type { Register } from "../model/readiness.ts";
import { isSecondaryDns } from "../model/dns-settings.ts";
import type { StopInstance } from "../model/steps.ts";

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
