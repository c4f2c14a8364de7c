import { join } from "node:path";
import { sha256 } from "../../lib/sha256.ts";

/** The files with secrets; the public ones follow from them. */
export const secretFiles = ["id_ed25519", "ssh_host_ca_ed25519", "tsig.key"] as const;

export type SecretFile = (typeof secretFiles)[number];

/**
 * What tells the keys of a folder from others, for a label: 12 hexadecimal digits. Undefined while there are none, or
 * for a user who may not read them.
 */
export async function keysDigest(folder: string): Promise<string | undefined> {
  const files = await Promise.all(secretFiles.map((name) => bytesOf(join(folder, name))));
  const parts = files.flatMap((bytes) => (bytes ? [bytes, "\0"] : []));
  if (parts.length < 2 * secretFiles.length) return undefined;
  return sha256(...parts)
    .toString("hex")
    .slice(0, 12);
}

/**
 * Makes the digest of a secret: 16 hexadecimal digits that nobody without the project's keys can repeat. Undefined
 * while there are no keys, or for a user who may not read them.
 */
export async function secretDigest(
  keysFolder: string,
): Promise<((value: string) => string) | undefined> {
  const key = await bytesOf(join(keysFolder, "tsig.key"));
  if (!key) return undefined;
  return (value) =>
    new Bun.CryptoHasher("sha256", key).update("secret\0").update(value).digest("hex").slice(0, 16);
}

/** Undefined for what is not there, or may not be read. By Bun's own, which is there already. */
async function bytesOf(path: string): Promise<Uint8Array | undefined> {
  const file = Bun.file(path);
  if (!(await file.exists())) return undefined;
  return file.bytes().catch(() => undefined);
}
