import { deregister, register, registerIfMissing } from "../../dns/registry/register.ts";
import type { Registration } from "../../dns/registry/entry.ts";
import { sendUpdate } from "../../dns/client/send-update.ts";
import type { Update } from "../../dns/client/update.ts";
import type { Register } from "../../model/steps.ts";
import type { DnsAccess } from "./client.ts";

/** Makes an instance's names known to its DNS; they resolve when this returns. */
export async function registerInstance(
  instance: Register,
  dns: DnsAccess,
  signal?: AbortSignal,
): Promise<void> {
  await register(await toNodeRegistration(instance, dns), await dns.to(instance.server, signal));
}

/** The same for a DNS itself, which also stands in its zone as `dns`: that is how the zone's SOA calls it. */
export async function registerDnsServer(
  instance: Register,
  dns: DnsAccess,
  signal?: AbortSignal,
): Promise<void> {
  const { zone, address, ttl, server } = instance;
  const name = `dns.${zone}`;
  const own: Update = {
    zone,
    prerequisites: [],
    changes: [
      { kind: "remove-all", name, type: "A" },
      { kind: "add", name, ttl, data: { type: "A", address } },
    ],
  };
  await sendUpdate(own, await dns.to(server, signal));
  await registerInstance(instance, dns, signal);
}

/** The same unless somebody has done so already, with this address. Returns whether it was left to this call. */
export async function renewRegistration(instance: Register, dns: DnsAccess): Promise<boolean> {
  return registerIfMissing(await toNodeRegistration(instance, dns), await dns.to(instance.server));
}

/** Takes an instance's names out of its DNS. Returns whether there were any. */
export async function deregisterInstance(instance: Register, dns: DnsAccess): Promise<boolean> {
  return deregister(await toNodeRegistration(instance, dns), await dns.to(instance.server));
}

async function toNodeRegistration(
  { zone, service, instance, address, policy, ttl }: Register,
  dns: DnsAccess,
): Promise<Registration> {
  return { zone, service, instance, address, policy, ttl, node: await dns.node() };
}
