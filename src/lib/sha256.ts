/** SHA-256 of all parts one after the other. By Bun's own, as `node:crypto` takes 2 ms to load. */
export function sha256(...parts: readonly (string | Uint8Array)[]): Buffer {
  const hash = new Bun.CryptoHasher("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** The same of one text, in hexadecimal; without objects on the way, as a plan asks for thousands. */
export function sha256Hex(text: string): string {
  return Bun.CryptoHasher.hash("sha256", text, "hex");
}
