import { ReynsError } from "../../errors.ts";
import { MalformedMessage, uint8 } from "./bytes.ts";
import type { Reader } from "./bytes.ts";

const maxLabelBytes = 63;
const maxNameBytes = 255;
const pointerBits = 0xc0;
/**
 * The maximum number of labels of a name. Limits the cost of a chain of pointers.
 */
const maxPointers = 127;

/**
 * Encodes a domain name in lower case, uncompressed (RFC 1035, 3.1). The final dot is optional; the empty name is the root.
 */
export function encodeName(name: string): Buffer {
  const labels = name.replace(/\.$/, "").toLowerCase().split(".");
  if (name === "" || name === ".") return uint8(0);
  const encoded = labels.flatMap((label) => [uint8(label.length), encodeLabel(label, name)]);
  const bytes = Buffer.concat([...encoded, uint8(0)]);
  if (bytes.length > maxNameBytes) throw invalidName(name, `longer than ${maxNameBytes} bytes`);
  return bytes;
}

/**
 * The canonical form of a name, for comparisons: lower case, no final dot.
 *
 * @throws ReynsError INVALID_VALUE
 */
export function normalizeName(name: string): string {
  encodeName(name);
  return name.replace(/\.$/, "").toLowerCase();
}

function encodeLabel(label: string, name: string): Buffer {
  if (label === "") throw invalidName(name, "empty label between two dots");
  if (label.length > maxLabelBytes)
    throw invalidName(name, `"${label}" is longer than ${maxLabelBytes} characters`);
  if (!/^[!-[\]-~]+$/.test(label))
    throw invalidName(name, "only visible ASCII characters except \\ are allowed");
  return Buffer.from(label, "ascii");
}

function invalidName(name: string, reason: string): ReynsError {
  return new ReynsError("INVALID_VALUE", `"${name}" is not a domain name: ${reason}`);
}

/**
 * Reads a name, following compression pointers (RFC 1035, 4.1.4). Returns it in lower case without the final dot; ambiguous
 * bytes, such as a dot inside a label, are escaped as `\DDD`.
 */
export function readName(reader: Reader): string {
  const labels: string[] = [];
  let nameBytes = 1;
  let pointers = 0;
  let partStart = reader.offset;
  let resumeAt: number | undefined;
  for (let length = reader.uint8(); length !== 0; length = reader.uint8()) {
    if (length >= pointerBits) {
      const target = ((length & ~pointerBits) << 8) | reader.uint8();
      // Each pointer must lead further back than the one before, which rules out loops.
      if (target >= partStart) throw new MalformedMessage("a name points forward or at itself");
      if (++pointers > maxPointers) throw new MalformedMessage("a name has too many pointers");
      resumeAt ??= reader.offset;
      reader.offset = partStart = target;
      continue;
    }
    if (length > maxLabelBytes) throw new MalformedMessage("a label of an unknown kind");
    nameBytes += length + 1;
    if (nameBytes > maxNameBytes) throw new MalformedMessage("a name is too long");
    labels.push(labelText(reader.take(length)));
  }
  reader.offset = resumeAt ?? reader.offset;
  return labels.join(".");
}

function labelText(bytes: Buffer): string {
  const escape = (character: string) => `\\${String(character.charCodeAt(0)).padStart(3, "0")}`;
  return bytes
    .toString("latin1")
    .replace(/[^!-[\]-~]|\./g, escape)
    .toLowerCase();
}
