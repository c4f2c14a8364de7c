/** A field of a message: a number, or the bytes of a string, a list or another message. */
export interface ProtobufField {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/**
 * Reads the fields of a protobuf message in order. Skips numbers of fixed width, and stops silently where the message is
 * truncated, because an error is of no use to a reader of progress.
 *
 * @example
 * [...fieldsOf(Uint8Array.of(0x20, 1, 0x0a, 2, 104, 105))];
 * // [{ number: 4, value: 1 }, { number: 1, value: Uint8Array [104, 105] }]
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export function* readFields(bytes: Uint8Array): Generator<ProtobufField> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const tag = varint();
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    if (type === 0) yield { number, value: varint() };
    else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else if (type === 2) {
      const length = varint();
      yield { number, value: bytes.subarray(at, at + length) };
      at += length;
    } else return;
  }
}
