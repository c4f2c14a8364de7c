import { sendUpdate } from "../../dns/client/send-update.ts";
import type { Update } from "../../dns/client/update.ts";
import type { InstanceRegistration } from "../../dns/registry/entry.ts";
import { deregister, register, registerIfMissing } from "../../dns/registry/register.ts";
import type { Register } from "../../model/steps.ts";
import type { DnsAccess } from "./client.ts";

/** Registers an instance's names in its DNS; they resolve when this returns. */
export async function registerInstance(
  instance: Register,
  dns: DnsAccess,
  signal?: AbortSignal,
): Promise<void> {
  await register(await toRegistration(instance, dns), await dns.to(instance.server, signal));
}

/** Registers a DNS server with itself, also under the name `dns`, which the zone's SOA record contains. */
export async function registerDnsServer(
  instance: Register,
  dns: DnsAccess,
  signal?: AbortSignal,
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
  await sendUpdate(update, await dns.to(server, signal));
  await registerInstance(instance, dns, signal);
}

/** Registers an instance unless its address is registered already. Returns whether it was missing. */
export async function renewRegistration(instance: Register, dns: DnsAccess): Promise<boolean> {
  return registerIfMissing(await toRegistration(instance, dns), await dns.to(instance.server));
}

/** Removes an instance's names from its DNS. Returns whether there were any. */
export async function deregisterInstance(instance: Register, dns: DnsAccess): Promise<boolean> {
  return deregister(await toRegistration(instance, dns), await dns.to(instance.server));
}

async function toRegistration(
  { zone, service, instance, address, policy, ttl }: Register,
  dns: DnsAccess,
): Promise<InstanceRegistration> {
  return { zone, service, instance, address, policy, ttl, node: await dns.node() };
}
