import { join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { readIfPossible } from "../keys/digests.ts";

/** Makes the digests of a receipt. Only who has the project's keys can repeat them: what they stand for may be secret. */
export interface ReceiptDigester {
  /** Digest of a text in its place: the same text elsewhere gives another one. */
  readonly text: (place: string, text: string) => string;
  /** Of a file's content, which is too long to hold. */
  readonly content: (place: string) => ContentDigest;
}

interface ContentDigest {
  readonly update: (bytes: Uint8Array) => void;
  readonly digest: () => string;
}

const length = 32;

/** @throws ReynsError KEYS_UNUSABLE where the project has no keys, or this user may not read them */
export async function createReceiptDigester(keysFolder: string): Promise<ReceiptDigester> {
  const secret = await readIfPossible(join(keysFolder, "tsig.key"));
  if (!secret) throw new ReynsError("KEYS_UNUSABLE", `cannot read the keys in ${keysFolder}`);
  const key = new Bun.CryptoHasher("sha256", secret).update("receipts").digest();
  const start = (place: string): Bun.CryptoHasher =>
    new Bun.CryptoHasher("sha256", key).update(`${place}\0`);
  return {
    text: (place, text) => start(place).update(text).digest("hex").slice(0, length),
    content: (place) => {
      const hash = start(place);
      return {
        update: (bytes) => void hash.update(bytes),
        digest: () => hash.digest("hex").slice(0, length),
      };
    },
  };
}
