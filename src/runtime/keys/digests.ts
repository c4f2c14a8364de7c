import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { sha256 } from "../../lib/sha256.ts";
import { readUnlinkedFile } from "../../lib/read-regular-file.ts";

/** Files with secrets; the public files are derived from them. */
export const secretFiles = ["id_ed25519", "ssh_host_ca_ed25519", "tsig.key"] as const;

export type SecretFile = (typeof secretFiles)[number];

/** In place of the digest of keys that are not there at all: no label has it. */
export const noKeys = "";

/**
 * Digest that identifies a project's keys, for a label: 12 hexadecimal digits. `noKeys` when there are none; undefined
 * when they are incomplete, or this user may not read them.
 */
export async function keysDigest(folder: string): Promise<string | undefined> {
  const files = await Promise.all(secretFiles.map((name) => readIfPossible(join(folder, name))));
  const parts = files.flatMap((bytes) => (bytes ? [bytes, "\0"] : []));
  if (parts.length === 0 && isMissing(folder)) return noKeys;
  if (parts.length < 2 * secretFiles.length) return undefined;
  return sha256(...parts)
    .toString("hex")
    .slice(0, 12);
}

/** Keys that a replacement was about to put there are found by the next call that needs them. */
function isMissing(folder: string): boolean {
  try {
    return readdirSync(dirname(folder)).every((name) => !/^keys(?:-next)?$/.test(name));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}

/**
 * Returns a function that computes the digest of a secret: 16 hexadecimal digits, keyed with the project's keys, so that
 * nobody without them can guess secrets from it. Undefined when there are no keys, or this user may not read them.
 */
export async function secretDigest(
  keysFolder: string,
): Promise<((value: string) => string) | undefined> {
  const key = await readIfPossible(join(keysFolder, "tsig.key"));
  if (!key) return undefined;
  return (value) =>
    new Bun.CryptoHasher("sha256", key).update("secret\0").update(value).digest("hex").slice(0, 16);
}

/** Undefined when there is no such file, or this user may not read it. */
export async function readIfPossible(path: string): Promise<Uint8Array | undefined> {
  try {
    return readUnlinkedFile(path);
  } catch {
    return undefined;
  }
}
