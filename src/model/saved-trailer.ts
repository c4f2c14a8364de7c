/** What `save` writes at the end of a file: where its table of contents is, and the digest of all before this. */
export interface Trailer {
  readonly indexAt: number;
  /** SHA-256, in hexadecimal. */
  readonly digest: string;
}

const trailerMark = "reyns-save-1";
const trailerHead = Buffer.alloc(8);
trailerHead.writeUInt32LE(0x184d2a5e, 0);
trailerHead.writeUInt32LE(trailerMark.length + 8 + 32, 4);

/** Bytes of a trailer. */
export const trailerSize = trailerHead.length + trailerMark.length + 8 + 32;

/** A skippable frame, which every other reader of zstd passes over. */
export function formatTrailer({ indexAt, digest }: Trailer): Buffer {
  const position = Buffer.alloc(8);
  position.writeBigUInt64LE(BigInt(indexAt));
  return Buffer.concat([
    trailerHead,
    Buffer.from(trailerMark),
    position,
    Buffer.from(digest, "hex"),
  ]);
}

/** @returns undefined for anything else */
export function parseTrailer(bytes: Buffer): Trailer | undefined {
  const head = Buffer.concat([trailerHead, Buffer.from(trailerMark)]);
  if (bytes.length !== trailerSize || !bytes.subarray(0, head.length).equals(head))
    return undefined;
  return {
    indexAt: Number(bytes.readBigUInt64LE(head.length)),
    digest: bytes.toString("hex", head.length + 8),
  };
}
