import type { Deferrable, DnsOptions, ServiceOptions } from "./options.ts";
import { resolveDeep } from "./resolve-deep.ts";

/** Turns the options that only dns() has into variables of the instance. */
export function dnsOptions({
  zone,
  ttl,
  lease,
  renew,
  secondary,
  ...options
}: Deferrable<DnsOptions>): Deferrable<ServiceOptions> {
  const settings = {
    ...{ DNS_ZONE: zone, DNS_TTL: ttl, DNS_LEASE: lease, DNS_RENEW: renew },
    DNS_SECONDARIES: secondary,
  };
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  if (given.length === 0) return options;
  const env = async (): Promise<object> => ({
    ...((await resolveDeep(options.env)) as object | undefined),
    ...((await resolveDeep(Object.fromEntries(given))) as object),
  });
  return { ...options, env: env as NonNullable<typeof options.env> };
}
