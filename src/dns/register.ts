import { randomBytes } from "node:crypto";
import { ReynsError } from "../errors.ts";
import { createEntry } from "./entry.ts";
import type { Entry, Registration } from "./entry.ts";
import { leasesOf } from "./lease.ts";
import { planDeregistration, planPointer, planRegistration } from "./plan-registration.ts";
import { query } from "./query.ts";
import { sendUpdate } from "./send-update.ts";
import type { UpdateOptions } from "./send-update.ts";
import { readZone } from "./transfer.ts";
import type { Update } from "./update.ts";

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
  const { policy, ttl } = registration;
  if (policy === "HIDE") return hide(entry, registration, options);
  await untilApplied(entry, options, async () => {
    const standing = await query(entry.generation, "TXT", options);
    const data = standing.records.map((record) => record.data);
    const now = Math.floor(Date.now() / 1000);
    const id = randomBytes(8).toString("hex");
    return [planRegistration(entry, registration, data, { id, now })];
  });
  for (const update of planPointer(entry, ttl)) await sendUpdate(update, options);
}

/**
 * Takes an instance out again. What bears another address by now is left alone, so that it harms nobody when it comes
 * late.
 *
 * @throws as `register`
 */
export async function deregister(
  registration: Registration,
  options: UpdateOptions,
): Promise<void> {
  const entry = createEntry(registration);
  await untilApplied(entry, options, async () =>
    planDeregistration(entry, await readZone(entry.zone, options), registration.ttl),
  );
}

/** It may stand there with any address. */
async function hide(
  entry: Entry,
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
 * Somebody always gets through, so all of them do in the end.
 */
async function untilApplied(
  { host, zone }: Entry,
  options: UpdateOptions,
  plan: () => Promise<readonly Update[]>,
): Promise<void> {
  const end = performance.now() + (options.timeout ?? patience);
  do {
    if (await applied(await plan(), zone, options)) return;
  } while (performance.now() < end);
  const message = `the DNS at ${options.server}: others change what concerns ${host} all the time`;
  throw new ReynsError("DNS_REFUSED", message, { hint: "try again" });
}

/** Milliseconds. */
const patience = 5000;

/** A pointer that is another's by now is no reason to begin again. */
async function applied(
  updates: readonly Update[],
  zone: string,
  options: UpdateOptions,
): Promise<boolean> {
  for (const update of updates) {
    const result = await sendUpdate(update, options);
    if (!result.applied && update.zone === zone) return false;
  }
  return true;
}
