import { randomBytes } from "node:crypto";
import { ReynsError } from "../../errors.ts";
import { createEntry } from "./entry.ts";
import type { RegistryEntry, Registration } from "./entry.ts";
import { leasesOf } from "./lease.ts";
import { planDeregistration, planPointer, planRegistration } from "./plan.ts";
import { query } from "../client/query.ts";
import { sendUpdate } from "../client/send-update.ts";
import type { UpdateOptions } from "../client/send-update.ts";
import { readZone } from "../client/transfer.ts";
import { unchanged } from "../client/update.ts";
import type { Update } from "../client/update.ts";

/**
 * Makes an instance known by its host name, by its policy by its service's name, and its address by its name; all of
 * them resolve when this returns. With the policy `HIDE` it takes out what there is of it.
 *
 * @throws ReynsError INVALID_VALUE for what cannot stand in a zone, DNS_REFUSED, DNS_UNREACHABLE; the signal's reason
 * @see docs/dns.md
 * @example
 * const host = { zone: "local.zone", service: "db", instance: "one", address: "10.5.0.7" };
 * await register({ ...host, policy: "REPLACE", ttl: 5, node: "alpha" }, { server: "10.5.0.2", key });
 */
export async function register(registration: Registration, options: UpdateOptions): Promise<void> {
  const entry = createEntry(registration);
  if (registration.policy === "HIDE") return hide(entry, registration, options);
  await untilApplied(entry, options, async () => [
    await arrival(entry, registration, options),
    ...planPointer(entry, registration.ttl),
  ]);
}

/**
 * The same unless it is registered already with this address, by whomever: that one's place among its service's
 * stays. Returns whether it was not.
 *
 * @throws as `register`
 */
export async function registerIfMissing(
  registration: Registration,
  options: UpdateOptions,
): Promise<boolean> {
  const entry = createEntry(registration);
  return untilApplied(entry, options, async () => {
    const { records } = await query(entry.lease, "TXT", options);
    if (leasesOf(records, entry.zone).some(({ address }) => address === entry.address)) return [];
    const update = await arrival(entry, registration, options);
    const texts = records.map((record) => record.data);
    const prerequisites = [...update.prerequisites, unchanged(entry.lease, "TXT", texts)];
    return [{ ...update, prerequisites }, ...planPointer(entry, registration.ttl)];
  });
}

async function arrival(
  entry: RegistryEntry,
  registration: Registration,
  options: UpdateOptions,
): Promise<Update> {
  const { records } = await query(entry.generation, "TXT", options);
  const standing = records.map((record) => record.data);
  const now = Math.floor(Date.now() / 1000);
  const id = randomBytes(8).toString("hex");
  return planRegistration(entry, registration, standing, { id, now });
}

/**
 * Takes an instance out again. What bears another address by now is left alone, so that it harms nobody when it comes
 * late. Returns whether there was anything to take out.
 *
 * @throws as `register`
 */
export async function deregister(
  registration: Registration,
  options: UpdateOptions,
): Promise<boolean> {
  const entry = createEntry(registration);
  return untilApplied(entry, options, async () =>
    planDeregistration(entry, await readZone(entry.zone, options), registration.ttl),
  );
}

/** It may stand there with any address. */
async function hide(
  entry: RegistryEntry,
  registration: Registration,
  options: UpdateOptions,
): Promise<void> {
  const leases = leasesOf(await readZone(entry.zone, options), entry.zone);
  const own = leases.find(
    ({ service, instance }) => `${service}-${instance}.${entry.zone}` === entry.host,
  );
  await deregister({ ...registration, address: own?.address ?? entry.address }, options);
}

/**
 * Sends what `plan` decides from the zone as it stands; when somebody has changed that meanwhile, decides anew.
 * Somebody always gets through, so all of them do in the end. Returns whether the zone itself was to be changed.
 */
async function untilApplied(
  { host, zone }: RegistryEntry,
  options: UpdateOptions,
  plan: () => Promise<readonly Update[]>,
): Promise<boolean> {
  const end = performance.now() + (options.timeout ?? patience);
  do {
    const updates = await plan();
    if (await applied(updates, zone, options))
      return updates.some((update) => update.zone === zone);
  } while (performance.now() < end);
  const message = `the DNS at ${options.server}: others change what concerns ${host} all the time`;
  throw new ReynsError("DNS_REFUSED", message, { hint: "try again" });
}

/** Milliseconds. */
const patience = 5000;

/** Together, as neither needs the other. A pointer that is another's by now is no reason to begin again. */
async function applied(
  updates: readonly Update[],
  zone: string,
  options: UpdateOptions,
): Promise<boolean> {
  const results = await Promise.all(updates.map((update) => sendUpdate(update, options)));
  return results.every((result, index) => result.applied || updates[index]?.zone !== zone);
}
