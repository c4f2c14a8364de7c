import type { LookupAttempt, ZoneEntry } from "../../runtime/dns/zone.ts";
import { formatAge } from "../output/duration.ts";
import { formatTable, type Column, type TableRow } from "../output/table.ts";
import type { DnsServer } from "../../model/observed.ts";

/** A name of the zone under `--json`; the names are stable. */
export interface ZoneEntryJson {
  readonly name: string;
  /** instance, service, record */
  readonly kind: string;
  readonly addresses: readonly string[];
  /** Of other types: `TXT "hello"`. */
  readonly records: readonly string[];
  readonly service: string | null;
  readonly instance: string | null;
  readonly policy: string | null;
  readonly node: string | null;
  readonly generation: number | null;
  /** ISO 8601, by its node's clock. */
  readonly registeredAt: string | null;
}

export function zoneEntryToJson({
  name,
  kind,
  addresses,
  others,
  service,
  lease,
}: ZoneEntry): ZoneEntryJson {
  return {
    name,
    kind,
    addresses,
    records: others,
    service: service ?? null,
    instance: lease?.instance ?? null,
    policy: lease?.policy ?? null,
    node: lease?.node ?? null,
    generation: lease?.generation ?? null,
    registeredAt: lease ? new Date(lease.since * 1000).toISOString() : null,
  };
}

const leaseColumns: readonly Column[] = [
  { title: "POLICY", droppable: true },
  { title: "AGE", droppable: true },
  { title: "NODE", shrinks: true, droppable: true },
];

function leaseCells({ lease }: ZoneEntry): TableRow {
  return lease ? [lease.policy, formatAge(Date.now() / 1000 - lease.since), lease.node] : [];
}

const columns: readonly Column[] = [
  { title: "NAME", shrinks: "last" },
  { title: "ADDRESSES", shrinks: true, minWidth: "255.255.255.255".length },
  { title: "SERVICE", shrinks: "last" },
  { title: "INSTANCE", shrinks: "last" },
  ...leaseColumns,
];

function formatRecords({ addresses, others }: ZoneEntry): string {
  return [...addresses, ...others].join(", ");
}

export function formatZone(entries: readonly ZoneEntry[]): string {
  const rows = entries.map((entry) => [
    entry.name,
    formatRecords(entry),
    entry.service ?? "",
    entry.lease?.instance ?? "",
    ...leaseCells(entry),
  ]);
  return formatTable(columns, rows);
}

/** The result of looking a name up: each attempt, and the entries that have the name. */
export interface LookupResult {
  readonly name: string;
  readonly place: DnsServer;
  readonly attempts: readonly LookupAttempt[];
  readonly holders: readonly ZoneEntry[];
}

/** An attempt under `--json`; the names are stable. */
function attemptToJson(attempt: LookupAttempt): object {
  const { name, rcode, addresses, names, forwarded, milliseconds } = attempt;
  return { name, rcode: rcode ?? null, addresses, names, forwarded, milliseconds };
}

export function lookupToJson({ name, place, attempts, holders }: LookupResult): object {
  const last = attempts.at(-1);
  return {
    name,
    addresses: last?.addresses ?? [],
    names: last?.names ?? [],
    server: place.server,
    zone: place.zone,
    tried: attempts.map(attemptToJson),
    holders: holders.map(zoneEntryToJson),
  };
}

export function formatLookup({ name, place, attempts, holders }: LookupResult): string {
  const last = attempts.at(-1);
  const found = [...(last?.addresses ?? []), ...(last?.names ?? [])].join(", ");
  const server = place.host === undefined ? place.server : `${place.host}, ${place.server}`;
  const tried = formatTable(
    [
      { title: "TRIED", shrinks: true },
      { title: "ASKED", shrinks: "last" },
      { title: "ANSWER", colour: (text) => (text === noAnswer ? "red" : undefined) },
      { title: "TIME" },
    ],
    attempts.map((attempt) => [
      attempt.name,
      server,
      formatAnswer(attempt),
      `${attempt.milliseconds.toFixed(1)} ms`,
    ]),
  );
  const held = formatTable(
    [{ title: "HELD BY", shrinks: "last" }, { title: "ADDRESSES", shrinks: true }, ...leaseColumns],
    holders.map((holder) => [holder.name, formatRecords(holder), ...leaseCells(holder)]),
  );
  const parts = [`${name}: ${found || "not found"}`, tried, ...(holders.length > 0 ? [held] : [])];
  return parts.join("\n\n");
}

const noAnswer = "no reply";

function formatAnswer({ rcode, addresses, names, forwarded }: LookupAttempt): string {
  if (rcode === undefined) return noAnswer;
  const count = addresses.length || names.length;
  const failure = rcode === "NOERROR" ? "no address" : rcode;
  const text = count === 0 ? failure : `${count} ${nounFor(addresses, count)}`;
  return forwarded ? `${text}, forwarded` : text;
}

function nounFor(addresses: readonly string[], count: number): string {
  if (addresses.length > 0) return count === 1 ? "address" : "addresses";
  return count === 1 ? "name" : "names";
}
