import { describe, expect, test } from "bun:test";
import { createMessage, decodeMessage, encodeMessage } from "../../src/dns/wire/message.ts";
import type { DnsMessage } from "../../src/dns/wire/message.ts";
import { encodeName, normalizeName } from "../../src/dns/wire/name.ts";
import type { RecordData } from "../../src/dns/wire/record.ts";
import { MalformedMessage } from "../../src/dns/wire/bytes.ts";
import { recorded } from "./dns-recorded.ts";

const soa = { primary: "ns.local.zone", mailbox: "root.local.zone", serial: 2 ** 32 - 1 };

describe("recorded answers", () => {
  test("an address, its name by a pointer", () => {
    const message = decodeMessage(recorded.address);
    expect(message).toMatchObject({
      id: 0x984a,
      response: true,
      opcode: "QUERY",
      authoritative: true,
    });
    expect(message).toMatchObject({ truncated: false, recursionDesired: true, rcode: "NOERROR" });
    expect(message.questions).toEqual([{ name: "demo-one.local.zone", type: "A", class: "IN" }]);
    const data = { type: "A", address: "10.5.0.7" } as const;
    expect(message.answers).toEqual([{ name: "demo-one.local.zone", class: "IN", ttl: 5, data }]);
  });

  test("a start of authority, with pointers inside its content", () => {
    expect(decodeMessage(recorded.startOfAuthority).answers[0]?.data).toEqual({
      type: "SOA",
      ...{ primary: "localhost", mailbox: "root.localhost", serial: 3 },
      ...{ refresh: 3600, retry: 600, expire: 86400, minimum: 2 },
    });
  });

  test("a failed prerequisite", () => {
    const message = decodeMessage(recorded.prerequisiteFailed.response);
    expect(message).toMatchObject({ opcode: "UPDATE", rcode: "NXRRSET" });
  });
});

describe("round trips", () => {
  const contents: RecordData[] = [
    { type: "A", address: "255.0.10.1" },
    { type: "AAAA", address: "fd00::7:0:1" },
    { type: "AAAA", address: "::1" },
    { type: "AAAA", address: "1::" },
    { type: "AAAA", address: "1:2:3:4:5:6:7:8" },
    { type: "PTR", target: "demo-one.local.zone" },
    { type: "NS", target: "ns.local.zone" },
    { type: "CNAME", target: "" },
    { type: "TXT", strings: ["a b", "", "\u0000\u00ff", "x".repeat(255)] },
    { type: "SOA", ...soa, refresh: 1, retry: 2, expire: 3, minimum: 4 },
    { type: "TYPE33", bytes: Buffer.from("00010002") },
  ];
  test.each(contents)("%j", (data) => {
    const answers = [{ name: "_x.local.zone", class: "IN", ttl: 2 ** 31 - 1, data }] as const;
    expect(sentAndRead({ answers })).toMatchObject({ answers: [...answers] });
  });

  test("an address of another class is left as bytes", () => {
    const record = { name: "a", class: "CLASS3", ttl: 0 } as const;
    const bytes = Buffer.from("chaos");
    const sent = [{ ...record, data: { type: "TYPE1", bytes } }] as const;
    expect(sentAndRead({ answers: sent }).answers).toEqual([...sent]);
  });

  const headers: Partial<DnsMessage>[] = [
    { response: true, authoritative: true, rcode: "NOTZONE" },
    { truncated: true, rcode: "RCODE15" },
    { opcode: "OPCODE9", recursionDesired: true },
    { questions: [{ name: "", type: "TYPE999", class: "CLASS3" }] },
  ];
  test.each(headers)("%j", (header) => {
    expect(sentAndRead(header)).toMatchObject(header);
  });

  function sentAndRead(parts: Partial<DnsMessage>): DnsMessage {
    return decodeMessage(encodeMessage(createMessage({ id: 7, opcode: "UPDATE", ...parts })));
  }
});

describe("hostile bytes are refused", () => {
  const header = (questions: number, answers: number) =>
    Buffer.of(0, 1, 0x80, 0, 0, questions, 0, answers, 0, 0, 0, 0);
  const answer = (...rest: number[]) => Buffer.concat([header(0, 1), Buffer.from(rest)]);
  const question = (...rest: number[]) => Buffer.concat([header(1, 0), Buffer.from(rest)]);
  const label63 = [63, ...Array<number>(63).fill(97)];
  const cases: [string, Buffer][] = [
    ["nothing", Buffer.alloc(0)],
    ["half a header", Buffer.alloc(11)],
    ["records that are not there", Buffer.from("000180000000ffffffffffff", "hex")],
    ["a pointer at itself", question(0xc0, 12, 0, 1, 0, 1)],
    ["a pointer forward", question(0xc0, 14, 0, 1, 0, 1)],
    ["a label that loops back to itself", question(1, 97, 0xc0, 12, 0, 1, 0, 1)],
    ["two pointers at each other", question(1, 97, 0xc0, 16, 0xc0, 12, 0, 1, 0, 1)],
    ["a pointer beyond the end", question(0xff, 0xff, 0, 1, 0, 1)],
    ["half a pointer", question(0xc0)],
    ["a label beyond the end", question(9, 97)],
    ["a label of an unknown kind", question(0x41, ...label63, 97, 0, 0, 1, 0, 1)],
    [
      "a name of 257 bytes",
      question(...label63, ...label63, ...label63, ...label63, 0, 0, 1, 0, 1),
    ],
    ["an address of 3 bytes", answer(0, 0, 1, 0, 1, 0, 0, 0, 5, 0, 3, 10, 0, 0)],
    ["an address of 5 bytes", answer(0, 0, 1, 0, 1, 0, 0, 0, 5, 0, 5, 10, 0, 0, 1, 9)],
    ["content beyond the end", answer(0, 0, 99, 0, 1, 0, 0, 0, 5, 0xff, 0xff, 10)],
    ["a text beyond its record", answer(0, 0, 16, 0, 1, 0, 0, 0, 5, 0, 2, 4, 97, 97, 97, 97)],
    ["a target beyond its record", answer(0, 0, 12, 0, 1, 0, 0, 0, 5, 0, 1, 1, 97, 0)],
    ["bytes after the end", Buffer.concat([recorded.address, Buffer.of(0)])],
  ];
  test.each(cases)("%s", (_, bytes) => {
    expect(() => decodeMessage(bytes)).toThrow(MalformedMessage);
  });

  test("every message that is cut short", () => {
    for (const whole of [recorded.address, recorded.startOfAuthority, recorded.added.response]) {
      for (let length = 0; length < whole.length; length++) {
        expect(() => decodeMessage(whole.subarray(0, length))).toThrow(MalformedMessage);
      }
    }
  });

  test("a flipped bit anywhere is read or refused, nothing else", () => {
    for (let bit = 0; bit < recorded.startOfAuthority.length * 8; bit++) {
      const bytes = Buffer.from(recorded.startOfAuthority);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(outcome(bytes)).toBeOneOf(["read", "MalformedMessage"]);
    }
  });

  test("64 KiB of pointers to pointers are refused", () => {
    // The content of the first record is a chain down to the root name; all the others begin
    // at its top.
    const chain = Buffer.alloc(16_000);
    for (let at = 2; at < chain.length; at += 2) chain.writeUInt16BE(0xc000 | (23 + at - 2), at);
    const first = answer(0, 0, 99, 0, 1, 0, 0, 0, 0, chain.length >> 8, chain.length & 255);
    const others = Array.from({ length: 4000 }, () =>
      Buffer.of(0xfe, 0x95, 0, 99, 0, 1, 0, 0, 0, 0, 0, 0),
    );
    const bytes = Buffer.concat([first, chain, ...others]);
    bytes.writeUInt16BE(1 + others.length, 6);
    expect(() => decodeMessage(bytes)).toThrow("too many pointers");
  });

  function outcome(bytes: Buffer): string {
    try {
      decodeMessage(bytes);
      return "read";
    } catch (error) {
      return error instanceof Error ? error.name : "unknown";
    }
  }
});

describe("names", () => {
  const good: [string, string][] = [
    ["", "00"],
    [".", "00"],
    ["A.b", "0161016200"],
    ["a.b.", "0161016200"],
    ["_lease", "065f6c6561736500"],
  ];
  test.each(good)("%j is written as %s", (name, bytes) => {
    expect(encodeName(name).toString("hex")).toBe(bytes);
  });

  const longest = Array<string>(4).fill("x".repeat(62)).join(".");
  test("255 bytes are allowed, 256 are not", () => {
    expect(encodeName(`${longest}.y`)).toHaveLength(255);
    expect(() => encodeName(`${longest}.yy`)).toThrow("longer than 255");
  });

  test.each(["a..b", ".a", "a b", "ä", "a\\046b", "x".repeat(64), "a\n"])(
    "%j is refused",
    (name) => {
      expect(() => encodeName(name)).toThrow(expect.objectContaining({ code: "INVALID_VALUE" }));
    },
  );

  test("a dot inside a label is not mistaken for one between labels", () => {
    const bytes = Buffer.concat([
      Buffer.from("000180000001000000000000", "hex"),
      Buffer.from("\u0003a.B\u0001 \u0000"),
    ]);
    const { questions } = decodeMessage(Buffer.concat([bytes, Buffer.of(0, 1, 0, 1)]));
    expect(questions[0]?.name).toBe("a\\046b.\\032");
  });

  test("one form to compare", () => {
    expect(normalizeName("Demo.Local.Zone.")).toBe("demo.local.zone");
  });
});

test("a message that is too large is not sent", () => {
  const data = { type: "TYPE9", bytes: Buffer.alloc(40_000) } as const;
  const answers = [data, data].map(
    (each) => ({ name: "a", class: "IN", ttl: 0, data: each }) as const,
  );
  expect(() => encodeMessage(createMessage({ id: 1, opcode: "QUERY", answers }))).toThrow("65535");
});
