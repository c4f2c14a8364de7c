import { expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";
import { encodeLease, findLeases, parseGeneration } from "../../src/dns/registry/lease.ts";
import { createMessage, decodeMessage, encodeMessage } from "../../src/dns/wire/message.ts";
import type { ResourceRecord } from "../../src/dns/wire/message.ts";
import { createTsigKey, formatTsigKey, parseTsigKey } from "../../src/dns/tsig/key.ts";
import { sign, verify } from "../../src/dns/tsig/tsig.ts";
import { MalformedMessage } from "../../src/dns/wire/bytes.ts";
import { listZoneEntries } from "../../src/dns/registry/zone-entries.ts";
import { cases } from "../support/random.ts";
import { macOf, recorded, recordedKey, recordedTime } from "../unit/dns-recorded.ts";
import { damagedBytes, damagedText, hostileText, refusedOr } from "./support/hostile.ts";

// Random tests take as long as the machine lets them.
setDefaultTimeout(120_000);

const key = createTsigKey();
const record = (name: string, data: ResourceRecord["data"]): ResourceRecord => ({
  name,
  class: "IN",
  ttl: 5,
  data,
});
const lease = encodeLease({
  ...{ id: "0123456789abcdef", seq: 3, service: "web", instance: "one", address: "10.0.0.1" },
  ...{ policy: "REPLACE", generation: 1, node: "laptop", since: 1_700_000_000 },
});
const messages = [
  createMessage({
    id: 7,
    opcode: "QUERY",
    questions: [{ name: "web-one.local.zone", type: "A", class: "IN" }],
    answers: [
      record("web-one.local.zone", { type: "A", address: "10.0.0.1" }),
      record("1.0.0.10.in-addr.arpa", { type: "PTR", target: "web-one.local.zone" }),
      record("web-one._lease.local.zone", lease),
    ],
  }),
  createMessage({
    id: 8,
    opcode: "UPDATE",
    questions: [{ name: "local.zone", type: "SOA", class: "IN" }],
  }),
].map(encodeMessage);
const signed = messages.map((message) => sign(message, key, 1_700_000_000));
const wires = [...messages, ...signed.map(({ bytes }) => bytes)];

/** What the decoder makes of bytes; undefined when they are no message. */
function decoded(bytes: Uint8Array): ReturnType<typeof decodeMessage> | undefined {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    if (error instanceof MalformedMessage) return undefined;
    throw error;
  }
}

test("bytes of any kind are a message, or are told to be none", () => {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 600 }), damagedBytes(wires));
  let read = 0;
  fc.assert(
    fc.property(bytes, (wire) => {
      const message = decoded(wire);
      if (!message) return;
      read += 1;
      const records = [...message.answers, ...message.authorities, ...message.additionals];
      listZoneEntries(records, "local.zone");
      findLeases(records, "local.zone");
      parseGeneration(records.map(({ data }) => data));
    }),
    { numRuns: cases(4000) },
  );
  expect(read).toBeGreaterThan(cases(100));
});

test("a name that points at itself, or on and on, ends", () => {
  const header = [0, 1, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  const pointers = fc.array(fc.tuple(fc.constantFrom(0xc0, 0xc1, 0, 1, 63), fc.nat(255)), {
    minLength: 1,
    maxLength: 250,
  });
  fc.assert(
    fc.property(pointers, (pairs) => void decoded(Uint8Array.from([...header, ...pairs.flat()]))),
    { numRuns: cases(1000) },
  );
});

test("no damaged answer passes for signed", () => {
  const { request, response } = recorded.added;
  const stateOf = (bytes: Uint8Array): string => {
    try {
      return verify(bytes, macOf(request), recordedKey, recordedTime).state;
    } catch (error) {
      if (error instanceof MalformedMessage) return "malformed";
      throw error;
    }
  };
  expect(stateOf(response)).toBe("valid");
  fc.assert(
    fc.property(damagedBytes([response]), (bytes) => {
      // The signature goes with the id of the request, whatever a relay has made of that in front.
      const isDamaged = signedText(bytes) !== signedText(response);
      if (isDamaged) expect(stateOf(bytes)).not.toBe("valid");
    }),
    { numRuns: cases(1000) },
  );
});

/** What a signature covers; upper and lower case are the same in the names of the key and its algorithm (RFC 8945). */
function signedText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).subarray(2).toString("latin1");
  return text.replace(/reyns|hmac-sha256/gi, (name) => name.toLowerCase());
}

test("a text is a TSIG key, or is refused without a word of it", () => {
  const texts = fc.oneof(hostileText, damagedText([formatTsigKey(key)]));
  fc.assert(
    fc.property(texts, (text) => {
      const parsed = refusedOr(() => parseTsigKey(text, "tsig.key"));
      if (parsed)
        expect(refusedOr(() => parseTsigKey(formatTsigKey(parsed), "again"))).toEqual(parsed);
    }),
    { numRuns: cases(1000) },
  );
});
