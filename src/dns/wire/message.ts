import { ReynsError } from "../../errors.ts";
import { encodeName, readName } from "./name.ts";
import { classCode, className, encodeData, readData, typeCode, typeName } from "./record.ts";
import type { ClassName, RecordData, TypeName } from "./record.ts";
import { MalformedMessage, Reader, uint16, uint32 } from "./bytes.ts";

// The index of a name is its code: https://www.iana.org/assignments/dns-parameters
const opcodeNames = ["QUERY", "IQUERY", "STATUS", "OPCODE3", "NOTIFY", "UPDATE"] as const;
const rcodeNames = [
  "NOERROR",
  "FORMERR",
  "SERVFAIL",
  "NXDOMAIN",
  "NOTIMP",
  "REFUSED",
  "YXDOMAIN",
  "YXRRSET",
  "NXRRSET",
  "NOTAUTH",
  "NOTZONE",
] as const;

export type Opcode = (typeof opcodeNames)[number] | `OPCODE${number}`;
export type Rcode = (typeof rcodeNames)[number] | `RCODE${number}`;

export interface Header {
  readonly id: number;
  readonly response: boolean;
  readonly opcode: Opcode;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly rcode: Rcode;
}

export interface DnsQuestion {
  readonly name: string;
  readonly type: TypeName;
  readonly class: ClassName;
}

export interface ResourceRecord {
  readonly name: string;
  readonly class: ClassName;
  /** Seconds. */
  readonly ttl: number;
  readonly data: RecordData;
}

/**
 * A DNS message (RFC 1035, 4.1). In an update (RFC 2136) the four sections are the zone, the
 * prerequisites, the changes and additional data.
 */
export interface DnsMessage extends Header {
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
}

export interface DecodedMessage extends DnsMessage {
  /** Offset of the last record: the end of the part that a TSIG covers. */
  readonly lastRecordAt: number;
}

/** Creates a message; flags and sections are empty by default. */
export function createMessage(
  parts: Pick<DnsMessage, "id" | "opcode"> & Partial<DnsMessage>,
): DnsMessage {
  const flags = {
    response: false,
    authoritative: false,
    truncated: false,
    recursionDesired: false,
  };
  const sections = { questions: [], answers: [], authorities: [], additionals: [] };
  return { rcode: "NOERROR", ...flags, ...sections, ...parts };
}

export function encodeMessage(message: DnsMessage): Buffer {
  const { questions, answers, authorities, additionals } = message;
  const counts = [questions, answers, authorities, additionals].map((section) =>
    uint16(section.length),
  );
  const records = [...answers, ...authorities, ...additionals].map(encodeRecord);
  const header = [uint16(message.id), uint16(encodeFlags(message)), ...counts];
  const bytes = Buffer.concat([...header, ...questions.map(encodeQuestion), ...records]);
  if (bytes.length <= 0xffff) return bytes;
  throw new ReynsError(
    "INVALID_VALUE",
    `a DNS message of ${bytes.length} bytes exceeds the limit of 65535`,
  );
}

function encodeFlags(header: Header): number {
  const bit = (flag: boolean, position: number) => Number(flag) << position;
  return (
    bit(header.response, 15) |
    (codeOf(opcodeNames, header.opcode, "OPCODE") << 11) |
    bit(header.authoritative, 10) |
    bit(header.truncated, 9) |
    bit(header.recursionDesired, 8) |
    codeOf(rcodeNames, header.rcode, "RCODE")
  );
}

function codeOf(names: readonly string[], name: string, prefix: string): number {
  const code = names.indexOf(name);
  return code === -1 ? Number(name.slice(prefix.length)) : code;
}

function encodeQuestion({ name, type, class: questionClass }: DnsQuestion): Buffer {
  return Buffer.concat([
    encodeName(name),
    uint16(typeCode(type)),
    uint16(classCode(questionClass)),
  ]);
}

export function encodeRecord({ name, class: recordClass, ttl, data }: ResourceRecord): Buffer {
  const content = encodeData(data);
  const fixed = [
    uint16(typeCode(data.type)),
    uint16(classCode(recordClass)),
    uint32(ttl),
    uint16(content.length),
  ];
  return Buffer.concat([encodeName(name), ...fixed, content]);
}

/** Decodes a message. @throws MalformedMessage */
export function decodeMessage(bytes: Uint8Array): DecodedMessage {
  const reader = new Reader(bytes);
  const id = reader.uint16();
  const flags = reader.uint16();
  const [questionCount = 0, ...recordCounts] = Array.from({ length: 4 }, () => reader.uint16());
  const questions = readMany(questionCount, () => readQuestion(reader));
  let lastRecordAt = reader.offset;
  const [answers = [], authorities = [], additionals = []] = recordCounts.map((count) =>
    readMany(count, () => {
      lastRecordAt = reader.offset;
      return readRecord(reader);
    }),
  );
  if (!reader.atEnd) throw new MalformedMessage("extra bytes after the message");
  return { id, ...decodeFlags(flags), questions, answers, authorities, additionals, lastRecordAt };
}

/** Counts are untrusted, so nothing is allocated in advance. */
function readMany<T>(count: number, read: () => T): T[] {
  const items: T[] = [];
  while (items.length < count) items.push(read());
  return items;
}

function decodeFlags(flags: number): Omit<Header, "id"> {
  const bit = (position: number) => ((flags >> position) & 1) === 1;
  const opcode = (flags >> 11) & 0xf;
  const rcode = flags & 0xf;
  return {
    response: bit(15),
    opcode: opcodeNames[opcode] ?? `OPCODE${opcode}`,
    authoritative: bit(10),
    truncated: bit(9),
    recursionDesired: bit(8),
    rcode: rcodeNames[rcode] ?? `RCODE${rcode}`,
  };
}

function readQuestion(reader: Reader): DnsQuestion {
  return {
    name: readName(reader),
    type: typeName(reader.uint16()),
    class: className(reader.uint16()),
  };
}

function readRecord(reader: Reader): ResourceRecord {
  const name = readName(reader);
  const code = reader.uint16();
  const recordClass = className(reader.uint16());
  const ttl = reader.uint32();
  const data = readData(reader, code, recordClass, reader.uint16());
  return { name, class: recordClass, ttl, data };
}
