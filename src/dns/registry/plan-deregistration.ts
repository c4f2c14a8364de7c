import {
  requireUnchanged,
  type Prerequisite,
  type RecordChange,
  type Update,
} from "../client/update.ts";
import type { ResourceRecord } from "../wire/message.ts";
import type { RecordData, TypeName } from "../wire/record.ts";
import { leaseLabel, type RegistryEntry } from "./entry.ts";
import { encodeGeneration, findLeases, parseGeneration, type Lease } from "./lease.ts";
import { remove, removeAll } from "./record-changes.ts";

/**
 * Plans the updates that deregister an instance. Each fails if its records have changed since the zone was read. The
 * service's name then points to the remaining instances with the highest generation. An instance that has registered
 * the same name with another address since is not touched, nor are records without a lease.
 *
 * @param ttl seconds, for records of the remaining instances
 */
export function planDeregistration(
  entry: RegistryEntry,
  zone: readonly ResourceRecord[],
  ttl: number,
): Update[] {
  const forward = planRemoval(entry, zone, ttl);
  return [
    ...(forward.changes.length > 0 ? [forward] : []),
    ...planPointerRemoval(entry, zone, ttl),
  ];
}

function planRemoval(entry: RegistryEntry, zone: readonly ResourceRecord[], ttl: number): Update {
  const leases = findLeases(zone, entry.zone);
  const own = leases.find((lease) => isLeaseOf(lease, entry));
  if (own && own.address !== entry.address)
    return { zone: entry.zone, prerequisites: [], changes: [] };
  const siblings = leases.filter(
    (lease) => !isLeaseOf(lease, entry) && `${lease.service}.${entry.zone}` === entry.service,
  );
  const generations = recordsAt(zone, entry.generation, "TXT");
  const addresses = recordsAt(zone, entry.service, "A");
  const serviceChanges = [
    ...updateServiceAddresses(entry, addresses, siblings, ttl),
    ...(own ? lowerGeneration(entry, generations, siblings, ttl) : []),
  ];
  return {
    zone: entry.zone,
    prerequisites: [
      requireUnchanged(entry.lease, "TXT", recordsAt(zone, entry.lease, "TXT")),
      requireUnchanged(entry.generation, "TXT", generations),
      requireUnchanged(entry.service, "A", addresses),
      ...(serviceChanges.some(({ kind }) => kind === "add") ? requireLeases(entry, siblings) : []),
    ],
    changes: [
      ...(own ? [removeAll(entry.lease, "TXT")] : []),
      ...recordsAt(zone, entry.host, "A")
        .filter(hasAddress(entry.address))
        .map((data) => remove(entry.host, data)),
      ...serviceChanges,
    ],
  };
}

function recordsAt(zone: readonly ResourceRecord[], name: string, type: TypeName): RecordData[] {
  return zone.flatMap((record) =>
    record.name === name && record.data.type === type ? record.data : [],
  );
}

/** The instances that the service's name will point to may be deregistering at the same time. */
function requireLeases({ zone }: RegistryEntry, siblings: readonly Lease[]): Prerequisite[] {
  return newestLeases(siblings).map(({ service, instance }) => ({
    kind: "exists",
    name: `${service}-${instance}.${leaseLabel}.${zone}`,
    type: "TXT",
  }));
}

/** Removes the instance's address from the service's name and adds those that it replaced. */
function updateServiceAddresses(
  { service, address: own }: RegistryEntry,
  current: readonly RecordData[],
  siblings: readonly Lease[],
  ttl: number,
): RecordChange[] {
  const target = [...new Set(newestLeases(siblings).map((lease) => lease.address))];
  const removed = target.includes(own) ? [] : current.filter(hasAddress(own));
  const added = target.filter((address) => !current.some(hasAddress(address)));
  return [
    ...removed.map((data) => remove(service, data)),
    ...added.map((address): RecordChange => ({
      kind: "add",
      name: service,
      ttl,
      data: { type: "A", address },
    })),
  ];
}

function lowerGeneration(
  { generation: name }: RegistryEntry,
  current: readonly RecordData[],
  siblings: readonly Lease[],
  ttl: number,
): RecordChange[] {
  const highest = highestGeneration(siblings);
  const isCurrent = current.length > 0 && highest === parseGeneration(current);
  if (isCurrent && siblings.length > 0) return [];
  const removed = current.length > 0 ? [removeAll(name, "TXT")] : [];
  if (siblings.length === 0) return removed;
  return [...removed, { kind: "add", name, ttl, data: encodeGeneration(highest) }];
}

/** The leases whose addresses a service has: those of the highest generation. */
function newestLeases(leases: readonly Lease[]): Lease[] {
  const highest = highestGeneration(leases);
  return leases.filter(({ generation }) => generation === highest);
}

function highestGeneration(leases: readonly Lease[]): number {
  return Math.max(0, ...leases.map(({ generation }) => generation));
}

/** Applies only if the pointer leads to this host. Another instance with the same address inherits it. */
function planPointerRemoval(
  entry: RegistryEntry,
  zone: readonly ResourceRecord[],
  ttl: number,
): Update[] {
  const { reverseZone, pointer, host, address } = entry;
  if (reverseZone === undefined) return [];
  const heirs = findLeases(zone, entry.zone).filter(
    (lease) => lease.address === address && !isLeaseOf(lease, entry),
  );
  const inherited = heirs.slice(0, 1).map(({ service, instance }): RecordChange => ({
    kind: "add",
    name: pointer,
    ttl,
    data: { type: "PTR", target: `${service}-${instance}.${entry.zone}` },
  }));
  return [
    {
      zone: reverseZone,
      prerequisites: [{ kind: "equals", name: pointer, data: [{ type: "PTR", target: host }] }],
      changes: [removeAll(pointer, "PTR"), ...inherited],
    },
  ];
}

function isLeaseOf({ service, instance }: Lease, { host, zone }: RegistryEntry): boolean {
  return `${service}-${instance}.${zone}` === host;
}

function hasAddress(address: string): (data: RecordData) => boolean {
  return (data) => data.type === "A" && data.address === address;
}
