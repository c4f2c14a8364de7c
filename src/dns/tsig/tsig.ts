import { createHmac, timingSafeEqual } from "node:crypto";
import { decodeMessage, encodeRecord } from "../wire/message.ts";
import type { DecodedMessage } from "../wire/message.ts";
import { encodeName, readName } from "../wire/name.ts";
import { classCode, typeCode } from "../wire/record.ts";
import type { RecordData } from "../wire/record.ts";
import type { TsigKey } from "./key.ts";
import { MalformedMessage, Reader, uint16, uint32, uint48 } from "../wire/bytes.ts";

const errorCodes = { BADSIG: 16, BADKEY: 17, BADTIME: 18 } as const;
const countOfAdditionals = 10;
/** Seconds by which the two clocks may differ. */
const fudgeSeconds = 300;

/**
 * The result of verifying an answer:
 * - `valid`: signed with the key, for this request;
 * - `bad-time`: signed too, but the server reports that the clocks differ;
 * - `rejected`: the server reports, unsigned, that it has another key or secret;
 * - `unsigned`, `forged`: not trustworthy.
 */
export type Verdict =
  | { readonly state: "valid" | "unsigned" | "forged" }
  /** Seconds since 1970. */
  | { readonly state: "bad-time"; readonly serverTime: number }
  | { readonly state: "rejected"; readonly error: "BADSIG" | "BADKEY" };

export interface SignedMessage {
  readonly bytes: Buffer;
  /** Covered by the answer's signature, which ties the answer to this request. */
  readonly mac: Buffer;
}

interface Tsig {
  readonly algorithm: string;
  readonly time: number;
  readonly fudge: number;
  readonly mac: Buffer;
  readonly originalId: number;
  readonly error: number;
  readonly other: Buffer;
}

/**
 * Appends a TSIG record to an encoded message (RFC 8945, 5.1).
 *
 * @param time seconds since 1970
 */
export function sign(message: Uint8Array, key: TsigKey, time: number): SignedMessage {
  const unsigned = Buffer.from(message);
  const blank = {
    algorithm: key.algorithm,
    time,
    fudge: fudgeSeconds,
    error: 0,
    other: Buffer.alloc(0),
  };
  const mac = digest(key, [unsigned, variables(key, blank)]);
  const tsig = { ...blank, mac, originalId: unsigned.readUInt16BE(0) };
  const record = encodeRecord({ name: key.name, class: "ANY", ttl: 0, data: encodeTsig(tsig) });
  const count = unsigned.readUInt16BE(countOfAdditionals);
  return { bytes: Buffer.concat([withCount(unsigned, count + 1), record]), mac };
}

/**
 * Verifies the TSIG record of an answer (RFC 8945, 5.3).
 *
 * @param requestMac the `mac` of the signed request
 * @param now seconds since 1970, by the clock that signed the request
 * @throws MalformedMessage if the bytes are not a DNS message
 */
export function verify(
  response: Uint8Array,
  requestMac: Uint8Array,
  key: TsigKey,
  now: number,
): Verdict {
  return createVerifier(requestMac, key, now)(response);
}

/**
 * Verifies an answer of several messages, in order (RFC 8945, 5.3.1). Some may be unsigned: a signature covers the unsigned
 * messages before it, so nothing is trustworthy until the last message is `valid`.
 *
 * @throws MalformedMessage from the verifier, if the bytes are not a DNS message
 */
export function createVerifier(
  requestMac: Uint8Array,
  key: TsigKey,
  now: number,
): (response: Uint8Array) => Verdict {
  let prior = requestMac;
  let isFirst = true;
  const unsigned: Uint8Array[] = [];
  return (response) => {
    const message = decodeMessage(response);
    const record = message.additionals.at(-1);
    if (!record || typeCode(record.data.type) !== typeCode("TSIG")) {
      unsigned.push(response);
      return { state: "unsigned" };
    }
    const tsig = decodeTsig(record.data);
    if (tsig.mac.length === 0) return rejection(tsig.error);
    if (record.class !== "ANY" || record.ttl !== 0) return { state: "forged" };
    if (record.name !== key.name || tsig.algorithm !== key.algorithm) return { state: "forged" };
    const covered = [...unsigned.splice(0), unsignedPart(response, message, tsig)];
    const expected = digest(key, [
      uint16(prior.length),
      prior,
      ...covered,
      isFirst ? variables(key, tsig) : timers(tsig),
    ]);
    if (expected.length !== tsig.mac.length || !timingSafeEqual(expected, tsig.mac))
      return { state: "forged" };
    prior = tsig.mac;
    isFirst = false;
    return checkTime(tsig, now);
  };
}

/** The message before it was signed. */
function unsignedPart(response: Uint8Array, message: DecodedMessage, tsig: Tsig): Buffer {
  const { lastRecordAt, additionals } = message;
  const part = withCount(response.subarray(0, lastRecordAt), additionals.length - 1);
  part.writeUInt16BE(tsig.originalId, 0);
  return part;
}

function checkTime(tsig: Tsig, now: number): Verdict {
  if (Math.abs(tsig.time - now) > tsig.fudge) return { state: "forged" };
  if (tsig.error === errorCodes.BADTIME)
    return { state: "bad-time", serverTime: new Reader(tsig.other).uint48() };
  return { state: "valid" };
}

function rejection(error: number): Verdict {
  if (error === errorCodes.BADSIG) return { state: "rejected", error: "BADSIG" };
  if (error === errorCodes.BADKEY) return { state: "rejected", error: "BADKEY" };
  return { state: "unsigned" };
}

function digest(key: TsigKey, parts: readonly Uint8Array[]): Buffer {
  const hmac = createHmac("sha256", key.secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** The fields of the record that the signature covers (RFC 8945, 4.3.3). */
function variables(key: TsigKey, tsig: Omit<Tsig, "mac" | "originalId">): Buffer {
  return Buffer.concat([
    encodeName(key.name),
    uint16(classCode("ANY")),
    uint32(0),
    encodeName(tsig.algorithm),
    uint48(tsig.time),
    uint16(tsig.fudge),
    uint16(tsig.error),
    uint16(tsig.other.length),
    tsig.other,
  ]);
}

/** The fields of the record that the signature of a later message covers. */
function timers({ time, fudge }: Tsig): Buffer {
  return Buffer.concat([uint48(time), uint16(fudge)]);
}

function encodeTsig(tsig: Tsig): RecordData {
  const bytes = Buffer.concat([
    encodeName(tsig.algorithm),
    uint48(tsig.time),
    uint16(tsig.fudge),
    uint16(tsig.mac.length),
    tsig.mac,
    uint16(tsig.originalId),
    uint16(tsig.error),
    uint16(tsig.other.length),
    tsig.other,
  ]);
  return { type: `TYPE${typeCode("TSIG")}`, bytes };
}

function decodeTsig(data: RecordData): Tsig {
  if (!("bytes" in data)) throw new MalformedMessage("a TSIG record of the wrong class");
  const reader = new Reader(data.bytes);
  const tsig = {
    algorithm: readName(reader),
    time: reader.uint48(),
    fudge: reader.uint16(),
    mac: reader.take(reader.uint16()),
    originalId: reader.uint16(),
    error: reader.uint16(),
    other: reader.take(reader.uint16()),
  };
  if (!reader.atEnd) throw new MalformedMessage("a TSIG record is longer than its fields");
  return tsig;
}

function withCount(message: Uint8Array, additionals: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(additionals, countOfAdditionals);
  return copy;
}
