import { leasesOf, type Lease } from "./lease.ts";
import type { ResourceRecord } from "../wire/message.ts";
import type { RecordData } from "../wire/record.ts";

/** A name of the zone with all that stands there. */
export interface ZoneEntry {
  /** Within the zone: `demo-one`. */
  readonly name: string;
  /** `instance`: a host with a lease; `service`: what those of a service share; `record`: anything else, by whomever. */
  readonly kind: "instance" | "service" | "record";
  readonly addresses: readonly string[];
  /** Records that are no addresses: `TXT hello`. */
  readonly others: readonly string[];
  readonly service: string | undefined;
  /** Of an instance only. */
  readonly lease: Lease | undefined;
}

/** The zone's names, sorted, without what only the programs need: leases, generations, the zone's own records. */
export function zoneEntries(records: readonly ResourceRecord[], zone: string): ZoneEntry[] {
  const leases = leasesOf(records, zone);
  const byName = Map.groupBy(
    records.filter(({ name }) => name.endsWith(`.${zone}`) && !/(^|\.)_/.test(name)),
    ({ name }) => name.slice(0, -zone.length - 1),
  );
  return [...byName]
    .map(([name, own]) => entryOf(name, own, leases))
    .toSorted((one, other) => one.name.localeCompare(other.name, "en", { numeric: true }));
}

function entryOf(
  name: string,
  records: readonly ResourceRecord[],
  leases: readonly Lease[],
): ZoneEntry {
  const lease = leases.find(({ service, instance }) => `${service}-${instance}` === name);
  const isService = leases.some(({ service }) => service === name);
  const data = records.map((record) => record.data);
  return {
    name,
    kind: lease ? "instance" : kindOfOther(isService),
    addresses: data.flatMap((one) => ("address" in one ? one.address : [])).toSorted(byNumber),
    others: data.flatMap(textOf),
    service: lease?.service ?? (isService ? name : undefined),
    lease,
  };
}

function kindOfOther(isService: boolean): "service" | "record" {
  return isService ? "service" : "record";
}

/** `10.0.0.9` before `10.0.0.10`. */
function byNumber(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}

function textOf(data: RecordData): string[] {
  if ("target" in data) return [`${data.type} ${data.target}`];
  if ("strings" in data)
    return [`TXT ${data.strings.map((text) => JSON.stringify(text)).join(" ")}`];
  return "address" in data ? [] : [data.type];
}
