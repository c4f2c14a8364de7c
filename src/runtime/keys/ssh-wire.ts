/** Encodes four bytes (RFC 4251, 5: uint32). */
export function encodeUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Encodes a length and that many bytes (RFC 4251, 5: string). */
export function encodeString(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([encodeUint32(bytes.length), bytes]);
}

/** Reads numbers and strings as RFC 4251 (section 5) encodes them, from untrusted bytes. */
export class SshReader {
  private readonly bytes: Buffer;
  private readonly onTruncated: () => Error;
  private position = 0;

  /** @param onTruncated creates the error that is thrown when bytes are missing */
  constructor(bytes: Buffer, onTruncated: () => Error) {
    this.bytes = bytes;
    this.onTruncated = onTruncated;
  }

  readBytes(length: number): Buffer {
    const bytes = this.bytes.subarray(this.position, this.position + length);
    if (bytes.length !== length) throw this.onTruncated();
    this.position += length;
    return bytes;
  }

  readUint32(): number {
    return this.readBytes(4).readUInt32BE(0);
  }

  readString(): Buffer {
    return this.readBytes(this.readUint32());
  }
}
