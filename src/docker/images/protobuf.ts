/** A field of a message: a number, or the bytes of a string, a list or another message. */
export interface ProtobufField {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/** A value to encode. */
export type ProtobufValue = number | string | Uint8Array;

/** Encodes a message: numbers as varints, texts as UTF-8. */
export function encodeFields(fields: readonly (readonly [number, ProtobufValue])[]): Uint8Array {
  const parts = fields.flatMap(([number, value]) => {
    if (typeof value === "number") return [encodeVarint(number * 8), encodeVarint(value)];
    const bytes = Buffer.from(value);
    return [encodeVarint(number * 8 + 2), encodeVarint(bytes.length), bytes];
  });
  return Buffer.concat(parts);
}

function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest < 128 ? rest : (rest % 128) + 128);
    if (rest < 128) return Uint8Array.from(bytes);
  }
}

/** Field number -> its last value. */
export function fieldsByNumber(bytes: Uint8Array): Map<number, number | Uint8Array> {
  return new Map([...readFields(bytes)].map(({ number, value }) => [number, value]));
}

/** A field's text; empty for a field that is absent or a number. */
export function decodeText(value: number | Uint8Array | undefined): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : "";
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
