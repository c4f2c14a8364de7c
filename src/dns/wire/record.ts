import { isIPv4, isIPv6 } from "node:net";
import { ReynsError } from "../../errors.ts";
import { encodeName, readName } from "./name.ts";
import { MalformedMessage, uint16, uint32, uint8 } from "./bytes.ts";
import type { Reader } from "./bytes.ts";

/** https://www.iana.org/assignments/dns-parameters */
const typeCodes = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  TXT: 16,
  AAAA: 28,
  TSIG: 250,
  AXFR: 252,
  ANY: 255,
} as const;
const classCodes = { IN: 1, NONE: 254, ANY: 255 } as const;

export type TypeName = keyof typeof typeCodes | `TYPE${number}`;
export type ClassName = keyof typeof classCodes | `CLASS${number}`;

/** The content of a record. `TYPEn` (RFC 3597) holds the bytes of any other type, or nothing. */
export type RecordData =
  | { readonly type: "A" | "AAAA"; readonly address: string }
  | { readonly type: "NS" | "CNAME" | "PTR"; readonly target: string }
  /** One character per byte, so that reading and writing preserves all bytes. */
  | { readonly type: "TXT"; readonly strings: readonly string[] }
  | ({ readonly type: "SOA" } & StartOfAuthority)
  | { readonly type: `TYPE${number}`; readonly bytes: Uint8Array };

export interface StartOfAuthority {
  readonly primary: string;
  readonly mailbox: string;
  readonly serial: number;
  /** Seconds, as are the next three. */
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
}

export function typeCode(name: TypeName): number {
  return codeOf(typeCodes, name, "TYPE");
}

export function classCode(name: ClassName): number {
  return codeOf(classCodes, name, "CLASS");
}

export function typeName(code: number): TypeName {
  return nameOf(typeCodes, code) ?? `TYPE${code}`;
}

export function className(code: number): ClassName {
  return nameOf(classCodes, code) ?? `CLASS${code}`;
}

function codeOf(codes: Readonly<Record<string, number>>, name: string, prefix: string): number {
  return codes[name] ?? Number(name.slice(prefix.length));
}

function nameOf<Name extends string>(
  codes: Readonly<Record<Name, number>>,
  code: number,
): Name | undefined {
  return (Object.keys(codes) as Name[]).find((name) => codes[name] === code);
}

export function encodeData(data: RecordData): Buffer {
  switch (data.type) {
    case "A":
      return encodeIpv4(data.address);
    case "AAAA":
      return encodeIpv6(data.address);
    case "NS":
    case "CNAME":
    case "PTR":
      return encodeName(data.target);
    case "TXT":
      return Buffer.concat(data.strings.map(encodeString));
    case "SOA":
      return encodeStartOfAuthority(data);
    default:
      return Buffer.from(data.bytes);
  }
}

function encodeIpv4(address: string): Buffer {
  if (!isIPv4(address))
    throw new ReynsError("INVALID_VALUE", `"${address}" is not an IPv4 address`);
  return Buffer.from(address.split(".").map(Number));
}

function encodeIpv6(address: string): Buffer {
  if (!isIPv6(address))
    throw new ReynsError("INVALID_VALUE", `"${address}" is not an IPv6 address`);
  const groups = (half = "") => half.split(":").filter((group) => group !== "");
  const [head, tail] = canonicalIpv6(address).split("::").map(groups);
  const zeros = Array<string>(8 - (head?.length ?? 0) - (tail?.length ?? 0)).fill("0");
  return Buffer.concat(
    [...(head ?? []), ...zeros, ...(tail ?? [])].map((group) => uint16(parseInt(group, 16))),
  );
}

function canonicalIpv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

function encodeString(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  if (bytes.length <= 255) return Buffer.concat([uint8(bytes.length), bytes]);
  throw new ReynsError("INVALID_VALUE", "a string of a TXT record must not exceed 255 bytes");
}

function encodeStartOfAuthority(soa: StartOfAuthority): Buffer {
  const numbers = [soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum];
  return Buffer.concat([encodeName(soa.primary), encodeName(soa.mailbox), ...numbers.map(uint32)]);
}

/** Reads the `length` bytes of a record's content. Names in it may point back into the message. */
export function readData(
  reader: Reader,
  code: number,
  recordClass: ClassName,
  length: number,
): RecordData {
  const end = reader.offset + length;
  const type = typeName(code);
  // The formats below apply to the Internet class; deletions in updates have no content.
  const data = recordClass === "IN" && length > 0 ? readKnownData(reader, type, end) : undefined;
  if (!data) return { type: `TYPE${code}`, bytes: reader.take(length) };
  if (reader.offset !== end)
    throw new MalformedMessage(`a ${type} record does not have its declared length`);
  return data;
}

function readKnownData(reader: Reader, type: TypeName, end: number): RecordData | undefined {
  switch (type) {
    case "A":
      return { type, address: reader.take(4).join(".") };
    case "AAAA":
      return { type, address: readIpv6(reader) };
    case "NS":
    case "CNAME":
    case "PTR":
      return { type, target: readName(reader) };
    case "TXT":
      return { type, strings: readStrings(reader, end) };
    case "SOA":
      return { type, ...readStartOfAuthority(reader) };
    default:
      return undefined;
  }
}

function readIpv6(reader: Reader): string {
  return canonicalIpv6(Array.from({ length: 8 }, () => reader.uint16().toString(16)).join(":"));
}

function readStrings(reader: Reader, end: number): string[] {
  const strings: string[] = [];
  while (reader.offset < end) strings.push(reader.take(reader.uint8()).toString("latin1"));
  return strings;
}

function readStartOfAuthority(reader: Reader): StartOfAuthority {
  return {
    primary: readName(reader),
    mailbox: readName(reader),
    serial: reader.uint32(),
    refresh: reader.uint32(),
    retry: reader.uint32(),
    expire: reader.uint32(),
    minimum: reader.uint32(),
  };
}
