import { dnsService } from "./images.ts";
import type { Candidate } from "./links.ts";
import type { Registered } from "./observed.ts";
import type { Placed } from "./placement.ts";

/** The zone that every instance registers in. */
export const zone = "local.zone";

/** The project's own DNS on this Engine, unless the instance was told of another. */
export function dnsOf(
  { wanted }: Placed,
  env: Readonly<Record<string, string>>,
  candidates: readonly Candidate[],
): Candidate | undefined {
  if (wanted.service === dnsService) return undefined;
  const servers = candidates.filter(({ service }) => service === dnsService);
  const told = env["DNS_SERVICE_IP"];
  if (told !== undefined) return servers.find(({ address }) => address === told);
  return wanted.properties.linked ? servers[0] : undefined;
}

/** The zone's own DNS stands in it as well, registered with itself. */
export function registrationOf(
  { wanted, address }: Placed,
  env: Readonly<Record<string, string>>,
  server: string | undefined,
): Registered | undefined {
  const own = wanted.service === dnsService ? address : server;
  if (own === undefined) return undefined;
  const policy = env["DNS_UPDATE_POLICY"];
  return {
    server: own,
    zone,
    address: env["SERVICE_IP"] ?? address,
    policy: policy === "APPEND" || policy === "HIDE" ? policy : "REPLACE",
  };
}
