import { findLeases, type Lease } from "./lease.ts";
import type { ResourceRecord } from "../wire/message.ts";
import type { RecordData } from "../wire/record.ts";

/** A name in a zone with its records. */
export interface ZoneEntry {
  /** Relative to the zone: `demo-one`. */
  readonly name: string;
  /** `instance`: a host with a lease; `service`: the shared name of its instances; `record`: anything else. */
  readonly kind: "instance" | "service" | "record";
  readonly addresses: readonly string[];
  /** Records other than addresses: `TXT hello`. */
  readonly others: readonly string[];
  readonly service: string | undefined;
  /** Only for an instance. */
  readonly lease: Lease | undefined;
}

/** Lists the names of a zone, sorted, without internal records: leases, generations, the zone's own records. */
export function listZoneEntries(records: readonly ResourceRecord[], zone: string): ZoneEntry[] {
  const leases = findLeases(records, zone);
  const byName = Map.groupBy(
    records.filter(({ name }) => name.endsWith(`.${zone}`) && !/(^|\.)_/.test(name)),
    ({ name }) => name.slice(0, -zone.length - 1),
  );
  return [...byName]
    .map(([name, named]) => createZoneEntry(name, named, leases))
    .toSorted((a, b) => compareNumeric(a.name, b.name));
}

function createZoneEntry(
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
    addresses: data
      .flatMap((content) => ("address" in content ? content.address : []))
      .toSorted(compareNumeric),
    others: data.flatMap(formatRecord),
    service: lease?.service ?? (isService ? name : undefined),
    lease,
  };
}

function kindOfOther(isService: boolean): "service" | "record" {
  return isService ? "service" : "record";
}

/** `10.0.0.9` before `10.0.0.10`. */
function compareNumeric(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

function formatRecord(data: RecordData): string[] {
  if ("target" in data) return [`${data.type} ${data.target}`];
  if ("strings" in data)
    return [`TXT ${data.strings.map((text) => JSON.stringify(text)).join(" ")}`];
  return "address" in data ? [] : [data.type];
}
