/** SHA-256 of the concatenated parts. Uses Bun's hasher, because `node:crypto` takes 2 ms to load. */
export function sha256(...parts: readonly (string | Uint8Array)[]): Buffer {
  const hash = new Bun.CryptoHasher("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** SHA-256 of a text or of bytes, in hexadecimal. */
export function sha256Hex(text: string | Uint8Array): string {
  return Bun.CryptoHasher.hash("sha256", text, "hex");
}
