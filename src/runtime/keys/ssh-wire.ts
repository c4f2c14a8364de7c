/** Four bytes (RFC 4251, 5: uint32). */
export function count(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A length and that many bytes (RFC 4251, 5: string). */
export function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([count(bytes.length), bytes]);
}
