import { randomBytes } from "node:crypto";
import { ReynsError } from "../../errors.ts";
import { query } from "../client/query.ts";
import { sendUpdate, type UpdateOptions } from "../client/send-update.ts";
import { readZone } from "../client/transfer.ts";
import { requireUnchanged, type Update } from "../client/update.ts";
import { retryConflicts, type ConflictOptions } from "./conflicts.ts";
import { createRegistryEntry, type RegistryEntry, type InstanceRegistration } from "./entry.ts";
import { findLeases } from "./lease.ts";
import { planDeregistration } from "./plan-deregistration.ts";
import { planPointer, planRegistration } from "./plan-registration.ts";

type RegisterOptions = UpdateOptions & ConflictOptions;

/**
 * Registers an instance under its host name and, by its policy, under the name of its service; its address then resolves
 * to its host name. All names resolve when this returns. With the policy `HIDE` it deregisters the instance instead.
 *
 * @throws ReynsError INVALID_VALUE for a value that a zone cannot contain, DNS_REFUSED, DNS_UNREACHABLE; the signal's
 * reason
 * @see docs/dns.md
 * @example
 * const host = { zone: "local.zone", service: "db", instance: "one", address: "10.5.0.7" };
 * await register({ ...host, policy: "REPLACE", ttl: 5, node: "alpha" }, { server: "10.5.0.2", key });
 */
export async function register(
  registration: InstanceRegistration,
  options: RegisterOptions,
): Promise<void> {
  const entry = createRegistryEntry(registration);
  if (registration.policy === "HIDE") return deregisterAnyAddress(entry, registration, options);
  await retryUntilApplied(entry, options, async () => [
    await createUpdate(entry, registration, options),
    ...planPointer(entry, registration.ttl),
  ]);
}

/**
 * Registers an instance unless it is registered with this address; an existing registration keeps its position among
 * those of its service.
 *
 * @returns whether it was missing
 * @throws like `register`
 */
export async function registerIfMissing(
  registration: InstanceRegistration,
  options: RegisterOptions,
): Promise<boolean> {
  const entry = createRegistryEntry(registration);
  return retryUntilApplied(entry, options, async () => {
    const { records } = await query(entry.lease, "TXT", options);
    const leases = findLeases(records, entry.zone);
    if (leases.some(({ address }) => address === entry.address)) return [];
    const update = await createUpdate(entry, registration, options);
    const lease = records.map(({ data }) => data);
    const prerequisites = [...update.prerequisites, requireUnchanged(entry.lease, "TXT", lease)];
    return [{ ...update, prerequisites }, ...planPointer(entry, registration.ttl)];
  });
}

async function createUpdate(
  entry: RegistryEntry,
  registration: InstanceRegistration,
  options: UpdateOptions,
): Promise<Update> {
  const { records } = await query(entry.generation, "TXT", options);
  const generation = records.map(({ data }) => data);
  const now = Math.floor(Date.now() / 1000);
  const id = randomBytes(8).toString("hex");
  return planRegistration(entry, registration, generation, { id, now });
}

/**
 * Deregisters an instance. If the name has been registered with another address, it does nothing, so a late call is
 * harmless.
 *
 * @returns whether it was registered
 * @throws like `register`
 */
export async function deregister(
  registration: InstanceRegistration,
  options: RegisterOptions,
): Promise<boolean> {
  const entry = createRegistryEntry(registration);
  return retryUntilApplied(entry, options, async () =>
    planDeregistration(entry, await readZone(entry.zone, options), registration.ttl),
  );
}

async function deregisterAnyAddress(
  entry: RegistryEntry,
  registration: InstanceRegistration,
  options: RegisterOptions,
): Promise<void> {
  const leases = findLeases(await readZone(entry.zone, options), entry.zone);
  const own = leases.find(
    ({ service, instance }) => `${service}-${instance}.${entry.zone}` === entry.host,
  );
  await deregister({ ...registration, address: own?.address ?? entry.address }, options);
}

/**
 * Sends the updates that `plan` returns; if the zone has changed meanwhile, plans again. One of several concurrent
 * updates always succeeds, so all of them do in the end.
 *
 * @returns whether the forward zone was to be changed
 */
async function retryUntilApplied(
  { host, zone }: RegistryEntry,
  options: RegisterOptions,
  plan: () => Promise<readonly Update[]>,
): Promise<boolean> {
  let updates: readonly Update[] = [];
  const isApplied = await retryConflicts(async () => {
    updates = await plan();
    return applyUpdates(updates, zone, options);
  }, options);
  if (isApplied) return updates.some((update) => update.zone === zone);
  const message = `the DNS at ${options.server}: the records of ${host} kept changing during the update`;
  throw new ReynsError("DNS_REFUSED", message, { hint: "try again" });
}

/**
 * Sends independent updates in parallel. A conflict in the reverse zone is ignored: the pointer belongs to another host
 * then.
 *
 * @returns whether the forward zone was changed as planned
 */
async function applyUpdates(
  updates: readonly Update[],
  zone: string,
  options: UpdateOptions,
): Promise<boolean> {
  const results = await Promise.all(updates.map((update) => sendUpdate(update, options)));
  return results.every((result, index) => result.applied || updates[index]?.zone !== zone);
}
