/**
 * The bytes are not a DNS message: truncated, with a loop in a name, or with inconsistent lengths.
 */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
}

/** Unsigned integers in network order. */
export function uint8(value: number): Buffer {
  return Buffer.of(value);
}

export function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function uint48(value: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(value, 0, 6);
  return bytes;
}

/** Reads a message sequentially and never beyond its end. */
export class Reader {
  readonly bytes: Buffer;
  offset: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.offset = offset;
  }

  get atEnd(): boolean {
    return this.offset === this.bytes.length;
  }

  take(length: number): Buffer {
    const end = this.offset + length;
    if (end > this.bytes.length)
      throw new MalformedMessage(`truncated at byte ${this.bytes.length}`);
    const taken = this.bytes.subarray(this.offset, end);
    this.offset = end;
    return taken;
  }

  uint8(): number {
    return this.take(1).readUInt8();
  }

  uint16(): number {
    return this.take(2).readUInt16BE();
  }

  uint32(): number {
    return this.take(4).readUInt32BE();
  }

  uint48(): number {
    return this.take(6).readUIntBE(0, 6);
  }
}
