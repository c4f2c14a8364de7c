import { query } from "../../dns/client/query.ts";
import { sendUpdate, type UpdateOptions } from "../../dns/client/send-update.ts";
import type { Update } from "../../dns/client/update.ts";
import type { InstanceRegistration } from "../../dns/registry/entry.ts";
import { deregister, register, registerIfMissing } from "../../dns/registry/register.ts";
import type { Register } from "../../model/readiness.ts";
import type { DnsAccess } from "./client.ts";
import { isSilent, retryWhileSilent, type RetryOptions } from "./retry.ts";

/**
 * Registers an instance's names in its DNS; they resolve when this returns. While that does not answer, those in the
 * secondary DNS of its machine do, which its agent or the keeper renews.
 *
 * @throws ReynsError DNS_UNREACHABLE if it stays silent, DNS_REFUSED; the signal's reason
 */
export async function registerInstance(
  instance: Register,
  dns: DnsAccess,
  retry: RetryOptions = {},
): Promise<void> {
  const registration = await toRegistration(instance, dns);
  const end = retry.timeout === undefined ? undefined : performance.now() + retry.timeout;
  const registerAt = async (server: string, timeout: number): Promise<void> => {
    const conflictTimeout = end === undefined ? undefined : Math.max(0, end - performance.now());
    const access = await dns.to(server, retry.signal);
    return register(registration, { ...access, timeout, conflictTimeout });
  };
  const { server, resolver } = instance;
  await retryWhileSilent(retry, (timeout) =>
    registerAt(server, timeout).catch((error: unknown) => {
      if (resolver === undefined || !isSilent(error)) throw error;
      return registerAt(resolver, timeout).catch((other: unknown) => {
        throw isSilent(other) ? error : other;
      });
    }),
  );
}

/** Registers a DNS server with itself, also under the name `dns`, which the zone's SOA record contains. */
export async function registerDnsServer(
  instance: Register,
  dns: DnsAccess,
  retry: RetryOptions = {},
): Promise<void> {
  const { zone, address, ttl, server } = instance;
  const name = `dns.${zone}`;
  const update: Update = {
    zone,
    prerequisites: [],
    changes: [
      { kind: "remove-all", name, type: "A" },
      { kind: "add", name, ttl, data: { type: "A", address } },
    ],
  };
  await retryWhileSilent(retry, async (timeout) =>
    sendUpdate(update, { ...(await dns.to(server, retry.signal)), timeout }),
  );
  await registerInstance(instance, dns, retry);
}

/** Registers an instance unless its address is registered already. Returns whether it was missing. */
export async function renewRegistration(
  instance: Register,
  dns: DnsAccess,
  signal?: AbortSignal,
): Promise<boolean> {
  return registerIfMissing(
    await toRegistration(instance, dns),
    await dns.to(instance.server, signal),
  );
}

/** Milliseconds: whoever stops something waits for it, and the lease expires in any case. */
const deregistrationTimeout = 5000;

/**
 * Removes an instance's names from its DNS; while that does not answer, from the secondary ones, that of its machine
 * first. Returns whether there were any.
 *
 * @throws ReynsError DNS_UNREACHABLE, DNS_REFUSED; the signal's reason
 */
export async function deregisterInstance(
  instance: Register,
  dns: DnsAccess,
  signal?: AbortSignal,
): Promise<boolean> {
  const registration = await toRegistration(instance, dns);
  const conflictTimeout = deregistrationTimeout;
  const deregisterAt = async (server: string): Promise<boolean> =>
    deregister(registration, { ...(await dns.to(server, signal)), conflictTimeout });
  const { server, resolver } = instance;
  try {
    return await deregisterAt(server);
  } catch (error) {
    if (resolver === undefined || !isSilent(error)) throw error;
    const wasThere = await deregisterAt(resolver).catch((other: unknown) => {
      throw isSilent(other) ? error : other;
    });
    // Those that cannot be reached lose it with its lease.
    const others = await secondariesOf(instance, await dns.to(resolver, signal)).catch(() => []);
    await Promise.allSettled(others.map(deregisterAt));
    return wasThere;
  }
}

/** Addresses of the DNS that a secondary one has the names of, but for the first. */
async function secondariesOf(
  { zone, server }: Register,
  options: UpdateOptions,
): Promise<readonly string[]> {
  const { addresses } = await query(`reyns-dns.${zone}`, "A", options);
  return addresses.filter((address) => address !== server);
}

async function toRegistration(
  { zone, service, instance, address, policy, ttl }: Register,
  dns: DnsAccess,
): Promise<InstanceRegistration> {
  return { zone, service, instance, address, policy, ttl, node: await dns.node() };
}
