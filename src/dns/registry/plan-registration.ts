import { requireUnchanged, type RecordChange, type Update } from "../client/update.ts";
import type { RecordData } from "../wire/record.ts";
import type { RegistryEntry, InstanceRegistration } from "./entry.ts";
import { encodeGeneration, encodeLease, parseGeneration, type Lease } from "./lease.ts";
import { removeAll } from "./record-changes.ts";

/** The part of a new lease that does not depend on the zone. */
export interface LeaseIdentity {
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** Seconds since 1970. */
  readonly now: number;
}

/**
 * Plans the update that registers an instance under its host name and the name of its service. It fails if the service's
 * generation has changed, so that it never undoes another registration.
 *
 * @param current the records of the service's generation
 */
export function planRegistration(
  entry: RegistryEntry,
  registration: InstanceRegistration,
  current: readonly RecordData[],
  identity: LeaseIdentity,
): Update {
  const { policy, ttl } = registration;
  const before = parseGeneration(current);
  const generation = policy === "APPEND" ? before : Math.max(before + 1, identity.now);
  const lease = createLease(registration, generation, identity);
  const add = (name: string, data: RecordData): RecordChange => ({ kind: "add", name, ttl, data });
  const address: RecordData = { type: "A", address: entry.address };
  const replaced: RecordChange[] = [
    removeAll(entry.generation, "TXT"),
    add(entry.generation, encodeGeneration(generation)),
    removeAll(entry.service, "A"),
  ];
  return {
    zone: entry.zone,
    prerequisites: [requireUnchanged(entry.generation, "TXT", current)],
    changes: [
      removeAll(entry.lease, "TXT"),
      add(entry.lease, encodeLease(lease)),
      removeAll(entry.host, "A"),
      add(entry.host, address),
      ...(generation > before ? replaced : []),
      add(entry.service, address),
    ],
  };
}

function createLease(
  { service, instance, address, policy, node }: InstanceRegistration,
  generation: number,
  { id, now }: LeaseIdentity,
): Lease {
  return {
    id,
    seq: 1,
    service: service.toLowerCase(),
    instance: instance.toLowerCase(),
    address,
    policy: policy === "APPEND" ? "APPEND" : "REPLACE",
    generation,
    node,
    since: now,
  };
}

/** Plans the update that points an address to its only host name, replacing any other. */
export function planPointer(entry: RegistryEntry, ttl: number): Update[] {
  if (entry.reverseZone === undefined) return [];
  const data: RecordData = { type: "PTR", target: entry.host };
  const changes: RecordChange[] = [
    removeAll(entry.pointer, "PTR"),
    { kind: "add", name: entry.pointer, ttl, data },
  ];
  return [{ zone: entry.reverseZone, prerequisites: [], changes }];
}
