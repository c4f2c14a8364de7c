import { isIPv4 } from "node:net";
import { ReynsError } from "../errors.ts";
import { normalizeName } from "./name.ts";
import type { RecordData, TypeName } from "./record.ts";

/**
 * How an instance is known by the name of its service: `REPLACE` makes it the only one, `APPEND`
 * one of several that answer in turns, `HIDE` keeps it out of the zone altogether.
 */
export type UpdatePolicy = "REPLACE" | "APPEND" | "HIDE";

export interface Registration {
  /** As `local.zone`. */
  readonly zone: string;
  readonly service: string;
  readonly instance: string;
  /** IPv4. */
  readonly address: string;
  readonly policy: UpdatePolicy;
  /** Seconds. */
  readonly ttl: number;
}

/**
 * What must hold for an update to be carried out (RFC 2136, 2.4). `equals`: the records are these
 * and no others.
 */
export type Prerequisite =
  | { readonly kind: "exists" | "absent"; readonly name: string; readonly type: TypeName }
  | { readonly kind: "equals"; readonly name: string; readonly data: readonly RecordData[] };

/** One step of an update (RFC 2136, 2.5). Removing what is not there is no error. */
export type Change =
  | { readonly kind: "add"; readonly name: string; readonly ttl: number; readonly data: RecordData }
  | { readonly kind: "remove"; readonly name: string; readonly data: RecordData }
  | { readonly kind: "remove-all"; readonly name: string; readonly type: TypeName };

/**
 * Changes of one zone that a DNS carries out together or not at all. Names are whole, without the
 * final dot.
 */
export interface Update {
  readonly zone: string;
  readonly prerequisites: readonly Prerequisite[];
  readonly changes: readonly Change[];
}

/** The registration in the words of the zones that it concerns. */
interface Entry {
  readonly zone: string;
  readonly host: string;
  readonly service: string;
  readonly address: string;
  readonly pointer: string;
  readonly reverseZone: string | undefined;
}

const maxTtl = 2 ** 31 - 1;

/**
 * The updates, one per zone, that make an instance known: `SERVICE-INSTANCE` and, by its policy,
 * `SERVICE`, and the name for its address where that is private. Sent again, they change nothing.
 *
 * @throws ReynsError INVALID_VALUE for what cannot stand in a zone
 * @example
 * const host = { zone: "local.zone", service: "db", instance: "one", address: "10.5.0.7" };
 * for (const update of register({ ...host, policy: "REPLACE", ttl: 5 })) {
 *   await sendUpdate(update, { server: "10.5.0.2", key });
 * }
 */
export function register(registration: Registration): Update[] {
  const entry = createEntry(registration);
  const { policy, ttl } = registration;
  if (policy === "HIDE")
    return forget(entry, [{ kind: "remove-all", name: entry.host, type: "A" }]);
  const data: RecordData = { type: "A", address: entry.address };
  const others: Change[] =
    policy === "REPLACE" ? [{ kind: "remove-all", name: entry.service, type: "A" }] : [];
  const changes: Change[] = [
    { kind: "remove-all", name: entry.host, type: "A" },
    { kind: "add", name: entry.host, ttl, data },
    ...others,
    { kind: "add", name: entry.service, ttl, data },
  ];
  const forward = { zone: entry.zone, prerequisites: [], changes };
  return [
    forward,
    ...reverse(entry, [], [{ kind: "add", name: entry.pointer, ttl, data: pointsTo(entry) }]),
  ];
}

/**
 * The updates, one per zone, that take an instance out again. They remove only what bears its
 * address, so that one sent late harms nobody who registered since; that of the reverse zone ends
 * with a failed prerequisite (`NXRRSET`) when the address has no name or another's by now.
 *
 * @throws ReynsError INVALID_VALUE for what cannot stand in a zone
 */
export function deregister(registration: Registration): Update[] {
  const entry = createEntry(registration);
  const data: RecordData = { type: "A", address: entry.address };
  return forget(entry, [{ kind: "remove", name: entry.host, data }]);
}

function forget(entry: Entry, ofHost: readonly Change[]): Update[] {
  const data: RecordData = { type: "A", address: entry.address };
  const changes: Change[] = [...ofHost, { kind: "remove", name: entry.service, data }];
  const forward = { zone: entry.zone, prerequisites: [], changes };
  return [
    forward,
    ...reverse(entry, [{ kind: "equals", name: entry.pointer, data: [pointsTo(entry)] }], []),
  ];
}

/** The address has one name at most: whatever stood there goes. */
function reverse(
  entry: Entry,
  prerequisites: readonly Prerequisite[],
  additions: readonly Change[],
): Update[] {
  if (entry.reverseZone === undefined) return [];
  const changes: Change[] = [
    { kind: "remove-all", name: entry.pointer, type: "PTR" },
    ...additions,
  ];
  return [{ zone: entry.reverseZone, prerequisites, changes }];
}

function pointsTo(entry: Entry): RecordData {
  return { type: "PTR", target: entry.host };
}

function createEntry({ zone, service, instance, address, ttl }: Registration): Entry {
  if (!isIPv4(address))
    throw new ReynsError("INVALID_VALUE", `"${address}" is not an IPv4 address`);
  if (!Number.isInteger(ttl) || ttl < 0 || ttl > maxTtl) {
    throw new ReynsError(
      "INVALID_VALUE",
      `a TTL is a whole number of seconds from 0 to ${maxTtl}, not ${ttl}`,
    );
  }
  const [serviceLabel, instanceLabel] = [
    hostLabel(service, "service"),
    hostLabel(instance, "instance"),
  ];
  const suffix = zoneName(zone);
  return {
    zone: suffix,
    host: normalizeName(`${hostLabel(`${serviceLabel}-${instanceLabel}`, "host")}.${suffix}`),
    service: normalizeName(`${serviceLabel}.${suffix}`),
    address,
    pointer: `${address.split(".").toReversed().join(".")}.in-addr.arpa`,
    reverseZone: reverseZoneOf(address),
  };
}

/** RFC 952 and 1123: letters, digits, and hyphens between them. */
function hostLabel(text: string, what: string): string {
  const label = text.toLowerCase();
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label)) return label;
  throw new ReynsError("INVALID_VALUE", `"${text}" cannot be the name of a ${what} in the DNS`, {
    hint: "use up to 63 letters, digits and hyphens, without a hyphen at either end",
  });
}

function zoneName(zone: string): string {
  const labels = zone.replace(/\.$/, "").split(".");
  return labels.map((label) => hostLabel(label, "zone")).join(".");
}

/**
 * The zone that holds the names of a private address (RFC 1918); none for all others, which are not
 * ours.
 */
function reverseZoneOf(address: string): string | undefined {
  const [first, second = 0] = address.split(".").map(Number);
  if (first === 10) return "10.in-addr.arpa";
  if (first === 172 && second >= 16 && second <= 31) return `${second}.172.in-addr.arpa`;
  if (first === 192 && second === 168) return "168.192.in-addr.arpa";
  return undefined;
}
