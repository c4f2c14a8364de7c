import { isIPv4 } from "node:net";
import { probeDns, query, type QueryResult } from "../../dns/client/query.ts";
import type { DialTcp } from "../../dns/client/transport.ts";
import type { UpdateOptions } from "../../dns/client/send-update.ts";
import { readZone } from "../../dns/client/transfer.ts";
import { findLeases } from "../../dns/registry/lease.ts";
import { listZoneEntries, type ZoneEntry } from "../../dns/registry/zone-entries.ts";
import { hostNameOf } from "../../model/host-names.ts";
import type { DnsServer } from "../../model/observed.ts";
import type { RegisteredInstance, RegisteredZone } from "../../model/registered.ts";
import type { DnsAccess } from "./client.ts";
import { undefinedIfSilent } from "./retry.ts";

export type { ZoneEntry };

/**
 * Reads which instances a DNS has registered.
 *
 * @throws ReynsError DNS_REFUSED when this node has another key, DNS_UNREACHABLE
 */
export async function readRegistered(
  { server, zone }: Pick<DnsServer, "server" | "zone">,
  dns: DnsAccess,
): Promise<RegisteredZone> {
  const leases = findLeases(await readZone(zone, await dns.to(server)), zone);
  const instances = leases.map(({ service, instance, address, node }) => ({
    ...{ service, instance, address, node },
    host: hostNameOf(service, instance),
  }));
  return { server, instances };
}

/**
 * Lists the names of the zone, sorted, with their records and leases.
 *
 * @throws ReynsError DNS_REFUSED when this node has another key, DNS_UNREACHABLE
 */
export async function listZone({ server, zone }: DnsServer, dns: DnsAccess): Promise<ZoneEntry[]> {
  return listZoneEntries(await readZone(zone, await dns.to(server)), zone);
}

/** Looks up which of some instances a DNS has registered, for which it wants no key. */
export async function lookUpRegistered(
  instances: readonly Pick<RegisteredInstance, "service" | "instance" | "host">[],
  { server, zone }: Pick<DnsServer, "server" | "zone">,
  dial: DialTcp | undefined,
): Promise<RegisteredZone> {
  const found = await Promise.all(
    instances.map(async ({ service, instance, host }) => {
      const { addresses } = await query(`${host}.${zone}`, "A", { server, dial });
      return addresses.map((address) => ({ service, instance, host, address, node: "" }));
    }),
  );
  return { server, instances: found.flat() };
}

/** Whether a DNS answers, which it does without a key. */
export async function isAnswering(server: string, dial: DialTcp | undefined): Promise<boolean> {
  return (await probeDns({ server, dial, timeout: 1000 })) === "answers";
}

/** One query to the DNS. */
export interface LookupAttempt {
  /** Fully qualified: `demo.local.zone`. */
  readonly name: string;
  /** `NOERROR` also when the name has no address; undefined when the DNS did not answer. */
  readonly rcode: string | undefined;
  readonly addresses: readonly string[];
  /** Names of an address. */
  readonly names: readonly string[];
  /** The DNS has asked other servers: the name is not in its zone. */
  readonly forwarded: boolean;
  readonly milliseconds: number;
}

/** Looks a name up as a service would: tries the names that its resolver tries, in order, until one has a result. */
export async function traceLookup(
  name: string,
  { server, zone }: DnsServer,
  dns: DnsAccess,
): Promise<LookupAttempt[]> {
  const options = await dns.to(server);
  const attempts: LookupAttempt[] = [];
  for (const candidate of namesToTry(name, zone)) {
    const attempt = await queryTimed(candidate, isIPv4(name) ? "PTR" : "A", options);
    attempts.push(attempt);
    // A resolver does not try further names after a timeout: resolv.conf(5).
    if (isFound(attempt) || attempt.rcode === undefined) break;
  }
  return attempts;
}

export function isFound({ addresses, names }: LookupAttempt): boolean {
  return addresses.length > 0 || names.length > 0;
}

/** With `ndots:1`, as instances have it: a name with a dot is tried as it is first, any other in the zone first. */
function namesToTry(name: string, zone: string): string[] {
  if (isIPv4(name)) return [`${name.split(".").toReversed().join(".")}.in-addr.arpa`];
  if (name.endsWith(".")) return [name.slice(0, -1)];
  const inZone = `${name}.${zone}`;
  return name.includes(".") ? [name, inZone] : [inZone, name];
}

async function queryTimed(
  name: string,
  type: "A" | "PTR",
  options: UpdateOptions,
): Promise<LookupAttempt> {
  const run = (): Promise<[QueryResult | undefined, number]> =>
    measure(() => query(name, type, options).catch(undefinedIfSilent));
  const [result, firstMs] = await run();
  // The first query of a process mostly takes the time that its code needs to warm up.
  const repeated = result?.authoritative ? await run() : undefined;
  const data = result?.records.map((record) => record.data) ?? [];
  return {
    name,
    rcode: result?.rcode,
    addresses: result?.addresses ?? [],
    names: data.flatMap((record) => (record.type === "PTR" ? record.target : [])),
    forwarded: result !== undefined && !result.authoritative,
    milliseconds: repeated?.[1] ?? firstMs,
  };
}

async function measure<Result>(work: () => Promise<Result>): Promise<[Result, number]> {
  const start = performance.now();
  return [await work(), performance.now() - start];
}
