import type { Candidate } from "./links.ts";
import type { Registered } from "./observed.ts";
import type { Placed } from "./placement.ts";

/** The zone that every instance registers in. */
export const zone = "local.zone";

/** The project's own DNS on this Engine, unless the instance was told of another. */
export function dnsOf(
  { wanted, isDns }: Placed,
  env: Readonly<Record<string, string>>,
  candidates: readonly Candidate[],
): Candidate | undefined {
  if (isDns) return undefined;
  const servers = candidates.filter((candidate) => candidate.isDns);
  const told = env["DNS_SERVICE_IP"];
  if (told !== undefined) return servers.find(({ address }) => address === told);
  return wanted.properties.linked ? servers[0] : undefined;
}

/** The zone's own DNS stands in it as well, registered with itself. */
export function registrationOf(
  { address, isDns }: Placed,
  env: Readonly<Record<string, string>>,
  {
    server,
    standard,
  }: { readonly server: string | undefined; readonly standard: "REPLACE" | "APPEND" },
): Registered | undefined {
  const own = isDns ? address : server;
  if (own === undefined) return undefined;
  const policy = env["DNS_UPDATE_POLICY"];
  return {
    server: own,
    zone,
    address: env["SERVICE_IP"] ?? address,
    policy: policy === "REPLACE" || policy === "APPEND" || policy === "HIDE" ? policy : standard,
  };
}
