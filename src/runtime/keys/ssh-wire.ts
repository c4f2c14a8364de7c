/** Four bytes (RFC 4251, 5: uint32). */
export function encodeUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A length and that many bytes (RFC 4251, 5: string). */
export function encodeString(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([encodeUint32(bytes.length), bytes]);
}
