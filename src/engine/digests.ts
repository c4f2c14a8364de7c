import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../sha256.ts";

/** The files with secrets; the public ones follow from them. */
export const secretFiles = ["id_ed25519", "ssh_host_ca_ed25519", "tsig.key"] as const;

export type SecretFile = (typeof secretFiles)[number];

/**
 * What tells the keys of a folder from others, for a label: 12 hexadecimal digits. Undefined while there are none, or
 * for a user who may not read them.
 */
export function keysDigest(folder: string): string | undefined {
  try {
    const parts = secretFiles.flatMap((name) => [readFileSync(join(folder, name)), "\0"]);
    return sha256(...parts)
      .toString("hex")
      .slice(0, 12);
  } catch {
    return undefined;
  }
}

/**
 * Makes the digest of a secret: 16 hexadecimal digits that nobody without the project's keys can repeat. Undefined
 * while there are no keys, or for a user who may not read them.
 */
export function secretDigest(keysFolder: string): ((value: string) => string) | undefined {
  try {
    const key = readFileSync(join(keysFolder, "tsig.key"));
    return (value) =>
      new Bun.CryptoHasher("sha256", key)
        .update("secret\0")
        .update(value)
        .digest("hex")
        .slice(0, 16);
  } catch {
    return undefined;
  }
}
