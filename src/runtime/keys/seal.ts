import { join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { readIfPossible } from "./digests.ts";

const algorithm = "aes-256-gcm";
const [nonceBytes, tagBytes] = [12, 16];

/**
 * Encrypts a text with the project's keys. The same text gives the same result: its nonce is a keyed digest of it.
 *
 * @throws ReynsError KEYS_UNUSABLE
 */
export async function sealText(text: string, keysFolder: string): Promise<string> {
  const key = await sealingKey(keysFolder);
  if (!key) throw new ReynsError("KEYS_UNUSABLE", `cannot read the keys in ${keysFolder}`);
  const nonce = keyedDigest(key, text).subarray(0, nonceBytes);
  const cipher = crypto().createCipheriv(algorithm, key, nonce);
  const encrypted = [cipher.update(text, "utf8"), cipher.final()];
  return Buffer.concat([nonce, cipher.getAuthTag(), ...encrypted]).toString("base64");
}

/** @returns undefined for what is no sealed text, or was sealed with other keys */
export async function openSealed(sealed: string, keysFolder: string): Promise<string | undefined> {
  const key = await sealingKey(keysFolder);
  const bytes = Buffer.from(sealed, "base64");
  const start = nonceBytes + tagBytes;
  if (!key || bytes.length < start) return undefined;
  const decipher = crypto().createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes));
  try {
    decipher.setAuthTag(bytes.subarray(nonceBytes, start));
    return decipher.update(bytes.subarray(start), undefined, "utf8") + decipher.final("utf8");
  } catch {
    return undefined;
  }
}

/** Loaded when it is needed: few instances have anything to seal. */
function crypto() {
  return process.getBuiltinModule("node:crypto");
}

async function sealingKey(keysFolder: string): Promise<Buffer | undefined> {
  const key = await readIfPossible(join(keysFolder, "tsig.key"));
  return key && keyedDigest(key, "sealed texts");
}

function keyedDigest(key: Uint8Array, text: string): Buffer {
  return new Bun.CryptoHasher("sha256", key).update(text).digest();
}
