import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sendUpdate } from "../dns/send-update.ts";
import { parseTsigKey } from "../dns/tsig-key.ts";
import { ReynsError } from "../errors.ts";
import { deregister, register, type Registration, type Update } from "../dns/zone.ts";
import type { Register } from "../plan/steps.ts";

/** Seconds that a resolver may keep a name: short, because instances come and go. */
const ttl = 5;

/** Makes an instance's names known to its DNS; they resolve when this returns. */
export async function makeKnown(
  instance: Register,
  keysFolder: string,
  signal?: AbortSignal,
): Promise<void> {
  await send(register(registration(instance)), instance, keysFolder, signal);
}

/** The same for a DNS itself, which also stands in its zone as `dns`: that is how the zone's SOA calls it. */
export async function makeServerKnown(
  instance: Register,
  keysFolder: string,
  signal?: AbortSignal,
): Promise<void> {
  const { zone, address } = instance;
  const name = `dns.${zone}`;
  const own: Update = {
    zone,
    prerequisites: [],
    changes: [
      { kind: "remove-all", name, type: "A" },
      { kind: "add", name, ttl, data: { type: "A", address } },
    ],
  };
  await send([own, ...register(registration(instance))], instance, keysFolder, signal);
}

/** Takes an instance's names out of its DNS. */
export async function takeOut(instance: Register, keysFolder: string): Promise<void> {
  await send(deregister(registration(instance)), instance, keysFolder);
}

function registration({ zone, service, instance, address, policy }: Register): Registration {
  return { zone, service, instance, address, policy, ttl };
}

async function send(
  updates: readonly Update[],
  { server }: Register,
  keysFolder: string,
  signal?: AbortSignal,
): Promise<void> {
  const file = join(keysFolder, "tsig.key");
  const key = parseTsigKey(await readKey(file), file);
  await Promise.all(
    updates.map((update) => sendUpdate(update, { server, key, ...(signal ? { signal } : {}) })),
  );
}

async function readKey(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const hint = "the DNS knows another key then; clean all and run again to use new keys";
    throw new ReynsError("KEYS_UNUSABLE", `the project's key ${file} cannot be read`, {
      hint,
      cause,
    });
  }
}
