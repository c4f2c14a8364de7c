import { isIPv4 } from "node:net";
import { query, type QueryResult } from "../../dns/client/query.ts";
import type { UpdateOptions } from "../../dns/client/send-update.ts";
import { readZone } from "../../dns/client/transfer.ts";
import { zoneEntries, type ZoneEntry } from "../../dns/registry/zone-entries.ts";
import { ReynsError } from "../../errors.ts";
import type { DnsAccess } from "./client.ts";
import type { DnsServer } from "../../model/observed.ts";

export type { ZoneEntry };

/**
 * The zone's names with all that is known of them, sorted.
 *
 * @throws ReynsError DNS_REFUSED when this node has another key, DNS_UNREACHABLE
 */
export async function listZone({ server, zone }: DnsServer, dns: DnsAccess): Promise<ZoneEntry[]> {
  return zoneEntries(await readZone(zone, await dns.to(server)), zone);
}

/** One question to the DNS. */
export interface LookupAttempt {
  /** Whole: `demo.local.zone`. */
  readonly name: string;
  /** `NOERROR` also where the name has no address; undefined: silence. */
  readonly rcode: string | undefined;
  readonly addresses: readonly string[];
  /** Names that an address has. */
  readonly names: readonly string[];
  /** The DNS has asked others: the name is not in its zone. */
  readonly forwarded: boolean;
  readonly milliseconds: number;
}

/** Asks as a service would, until something is found: the names that its resolver tries, in their order. */
export async function traceLookup(
  name: string,
  { server, zone }: DnsServer,
  dns: DnsAccess,
): Promise<LookupAttempt[]> {
  const options = await dns.to(server);
  const attempts: LookupAttempt[] = [];
  for (const each of namesToTry(name, zone)) {
    const last = await timedQuery(each, isIPv4(name) ? "PTR" : "A", options);
    attempts.push(last);
    // Who hears nothing does not ask for other names: resolv.conf(5).
    if (isFound(last) || last.rcode === undefined) break;
  }
  return attempts;
}

export function isFound({ addresses, names }: LookupAttempt): boolean {
  return addresses.length > 0 || names.length > 0;
}

/** With `ndots:1`, as instances have it: a name with a dot as it is first, any other in the zone first. */
function namesToTry(name: string, zone: string): string[] {
  if (isIPv4(name)) return [`${name.split(".").toReversed().join(".")}.in-addr.arpa`];
  if (name.endsWith(".")) return [name.slice(0, -1)];
  const inZone = `${name}.${zone}`;
  return name.includes(".") ? [name, inZone] : [inZone, name];
}

async function timedQuery(
  name: string,
  type: "A" | "PTR",
  options: UpdateOptions,
): Promise<LookupAttempt> {
  const [answer, first] = await timed(() => query(name, type, options).catch(undefinedOnTimeout));
  // The first question of a process mostly takes the time that its code needs to get going.
  const again = answer?.authoritative
    ? await timed(() => query(name, type, options).catch(undefinedOnTimeout))
    : undefined;
  const data = answer?.records.map((record) => record.data) ?? [];
  return {
    name,
    rcode: answer?.rcode,
    addresses: answer?.addresses ?? [],
    names: data.flatMap((one) => (one.type === "PTR" ? one.target : [])),
    forwarded: answer !== undefined && !answer.authoritative,
    milliseconds: again?.[1] ?? first,
  };
}

async function timed<Result>(work: () => Promise<Result>): Promise<[Result, number]> {
  const start = performance.now();
  return [await work(), performance.now() - start];
}

function undefinedOnTimeout(error: unknown): QueryResult | undefined {
  if (error instanceof ReynsError && error.code === "DNS_UNREACHABLE") return undefined;
  throw error;
}
