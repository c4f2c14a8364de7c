/** One element of an encoding in DER (ITU-T X.690). */
export interface DerElement {
  /** Class, form and number in one byte: 0x30 is a SEQUENCE, 0x82 the context's second choice. */
  readonly tag: number;
  readonly content: Buffer;
}

/**
 * Reads the elements that fill bytes, one after another. Their content is not looked into.
 *
 * @throws Error when the bytes are not DER, or use a tag of several bytes
 */
export function readDer(bytes: Buffer): DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length;) {
    const [tag = 0x1f] = bytes.subarray(at, at + 1);
    if ((tag & 0x1f) === 0x1f) throw new Error("a tag of several bytes");
    const { length, size } = readLength(bytes.subarray(at + 1));
    const start = at + 1 + size;
    if (start + length > bytes.length) throw new Error("an element is cut off");
    elements.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}

/** The length of an element, and how many bytes say so. */
function readLength(bytes: Buffer): { readonly length: number; readonly size: number } {
  const [first] = bytes;
  if (first === undefined) throw new Error("an element is cut off");
  if (first < 0x80) return { length: first, size: 1 };
  const count = first & 0x7f;
  if (count === 0 || count > 4 || bytes.length <= count) throw new Error("a wrong length");
  return { length: bytes.readUIntBE(1, count), size: 1 + count };
}

/** The elements inside one. @throws Error as `readDer` does, and for another tag */
export function readDerInside({ tag, content }: DerElement, expected: number): DerElement[] {
  if (tag !== expected) throw new Error(`tag ${tag} in the place of ${expected}`);
  return readDer(content);
}
