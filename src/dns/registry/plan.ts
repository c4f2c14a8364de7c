import { leaseLabel } from "./entry.ts";
import type { RegistryEntry, Registration } from "./entry.ts";
import { generationData, leaseData, leasesOf, readGeneration, type Lease } from "./lease.ts";
import type { ResourceRecord } from "../wire/message.ts";
import type { RecordData, TypeName } from "../wire/record.ts";
import { unchanged, type RecordChange, type Prerequisite, type Update } from "../client/update.ts";

/** What a new lease is told by: it never depends on what else is read. */
export interface LeaseIdentity {
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** Seconds since 1970. */
  readonly now: number;
}

/**
 * The update that makes an instance known by its host name and its service's. It holds as long as the
 * service's generation is the one given; what another has registered since is never undone.
 *
 * @param standing the records of the service's generation
 */
export function planRegistration(
  entry: RegistryEntry,
  { service, instance, address, policy, ttl, node }: Registration,
  standing: readonly RecordData[],
  { id, now }: LeaseIdentity,
): Update {
  const before = readGeneration(standing);
  const generation = policy === "APPEND" ? before : Math.max(before + 1, now);
  const shown = policy === "APPEND" ? policy : "REPLACE";
  const names = { service: service.toLowerCase(), instance: instance.toLowerCase() };
  const whose = { id, seq: 1, ...names, address, node, since: now };
  const lease: Lease = { ...whose, policy: shown, generation };
  const add = (name: string, data: RecordData): RecordChange => ({ kind: "add", name, ttl, data });
  const own: RecordData = { type: "A", address: entry.address };
  const taken: RecordChange[] = [
    removeAll(entry.generation, "TXT"),
    add(entry.generation, generationData(generation)),
    removeAll(entry.service, "A"),
  ];
  return {
    zone: entry.zone,
    prerequisites: [unchanged(entry.generation, "TXT", standing)],
    changes: [
      removeAll(entry.lease, "TXT"),
      add(entry.lease, leaseData(lease)),
      removeAll(entry.host, "A"),
      add(entry.host, own),
      ...(generation > before ? taken : []),
      add(entry.service, own),
    ],
  };
}

/** The update that gives an address its name: one at most, whatever stood there goes. */
export function planPointer(entry: RegistryEntry, ttl: number): Update[] {
  if (entry.reverseZone === undefined) return [];
  const data: RecordData = { type: "PTR", target: entry.host };
  const changes = [
    removeAll(entry.pointer, "PTR"),
    { kind: "add", name: entry.pointer, ttl, data } as const,
  ];
  return [{ zone: entry.reverseZone, prerequisites: [], changes }];
}

/**
 * The updates that take an instance out again, given the zone as it stands; each holds as long as that is so. The
 * service's name leads on to those that are left: of the highest generation among them. Who has registered under the
 * same name with another address since is left alone, and so are names without a lease.
 *
 * @param ttl seconds, of what the others get
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
  const at = (name: string, type: TypeName): RecordData[] =>
    zone.flatMap((record) =>
      record.name === name && record.data.type === type ? record.data : [],
    );
  const texts = at(entry.lease, "TXT");
  const services = at(entry.service, "A");
  const generations = at(entry.generation, "TXT");
  const others = leasesOf(zone, entry.zone).filter((lease) => !isOwn(lease, entry));
  const own = leasesOf(zone, entry.zone).find((lease) => isOwn(lease, entry));
  if (own && own.address !== entry.address)
    return { zone: entry.zone, prerequisites: [], changes: [] };
  const siblings = others.filter(({ service }) => `${service}.${entry.zone}` === entry.service);
  const onwards = [
    ...leadOn(entry, services, siblings, ttl),
    ...(own ? countDown(entry, generations, siblings, ttl) : []),
  ];
  return {
    zone: entry.zone,
    prerequisites: [
      unchanged(entry.lease, "TXT", texts),
      unchanged(entry.generation, "TXT", generations),
      unchanged(entry.service, "A", services),
      ...(onwards.some(({ kind }) => kind === "add") ? stillThere(entry, siblings) : []),
    ],
    changes: [
      ...(own ? [removeAll(entry.lease, "TXT")] : []),
      ...at(entry.host, "A")
        .filter(isAddress(entry.address))
        .map((data) => remove(entry.host, data)),
      ...onwards,
    ],
  };
}

/** To whom the service's name is led on may be leaving at the same time. */
function stillThere({ zone }: RegistryEntry, siblings: readonly Lease[]): Prerequisite[] {
  return newest(siblings).map(({ service, instance }) => ({
    kind: "exists",
    name: `${service}-${instance}.${leaseLabel}.${zone}`,
    type: "TXT",
  }));
}

/** The service's addresses without the own one, and with those that it hid. */
function leadOn(
  { service, address }: RegistryEntry,
  standing: readonly RecordData[],
  siblings: readonly Lease[],
  ttl: number,
): RecordChange[] {
  const wanted = [...new Set(newest(siblings).map((lease) => lease.address))];
  const gone = wanted.includes(address) ? [] : standing.filter(isAddress(address));
  const missing = wanted.filter((one) => !standing.some(isAddress(one)));
  return [
    ...gone.map((data) => remove(service, data)),
    ...missing.map((one): RecordChange => ({
      kind: "add",
      name: service,
      ttl,
      data: { type: "A", address: one },
    })),
  ];
}

function countDown(
  { generation }: RegistryEntry,
  standing: readonly RecordData[],
  siblings: readonly Lease[],
  ttl: number,
): RecordChange[] {
  const highest = highestOf(siblings);
  if (standing.length > 0 && highest === readGeneration(standing) && siblings.length > 0) return [];
  const cleared = standing.length > 0 ? [removeAll(generation, "TXT")] : [];
  if (siblings.length === 0) return cleared;
  return [...cleared, { kind: "add", name: generation, ttl, data: generationData(highest) }];
}

/** The leases whose addresses a service has: those with the highest generation. */
function newest(leases: readonly Lease[]): Lease[] {
  const highest = highestOf(leases);
  return leases.filter(({ generation }) => generation === highest);
}

function highestOf(leases: readonly Lease[]): number {
  return Math.max(0, ...leases.map(({ generation }) => generation));
}

/** Only when it leads to this host. Another at the same address takes it over. */
function planPointerRemoval(
  entry: RegistryEntry,
  zone: readonly ResourceRecord[],
  ttl: number,
): Update[] {
  const { reverseZone, pointer, host, address } = entry;
  if (reverseZone === undefined) return [];
  const heir = leasesOf(zone, entry.zone).find(
    (lease) => lease.address === address && !isOwn(lease, entry),
  );
  const target = heir && `${heir.service}-${heir.instance}.${entry.zone}`;
  const inherited: RecordChange[] =
    target === undefined
      ? []
      : [{ kind: "add", name: pointer, ttl, data: { type: "PTR", target } }];
  return [
    {
      zone: reverseZone,
      prerequisites: [{ kind: "equals", name: pointer, data: [{ type: "PTR", target: host }] }],
      changes: [removeAll(pointer, "PTR"), ...inherited],
    },
  ];
}

function isOwn({ service, instance }: Lease, { host, zone }: RegistryEntry): boolean {
  return `${service}-${instance}.${zone}` === host;
}

function isAddress(address: string): (data: RecordData) => boolean {
  return (data) => data.type === "A" && data.address === address;
}

function removeAll(name: string, type: TypeName): RecordChange {
  return { kind: "remove-all", name, type };
}

function remove(name: string, data: RecordData): RecordChange {
  return { kind: "remove", name, data };
}
