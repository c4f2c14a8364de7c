import { routerService } from "./routes.ts";

/** The service that `dns()` runs. */
const dnsService = "reyns-dns";

/**
 * The settings of a service's containers that its definition need not write: without the DNS and the router nothing is
 * found, so they come back after a boot.
 */
export function defaultRuntime(service: string): { readonly restart: string } | undefined {
  return [dnsService, routerService].includes(service) ? { restart: "unless-stopped" } : undefined;
}
