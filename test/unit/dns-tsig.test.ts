import { describe, expect, test } from "bun:test";
import { createMessage, encodeMessage } from "../../src/dns/wire/message.ts";
import { sign, verify } from "../../src/dns/tsig/tsig.ts";
import { MalformedMessage } from "../../src/dns/wire/bytes.ts";
import { macOf, recorded, recordedKey, recordedTime, unsigned } from "./dns-recorded.ts";

const { added, prerequisiteFailed, badKey, badSignature, address } = recorded;

describe("sign", () => {
  test.each([added, prerequisiteFailed])("as nsupdate does", ({ request }) => {
    const signed = sign(unsigned(request), recordedKey, recordedTime);
    expect(signed.bytes.toString("hex")).toBe(request.toString("hex"));
    expect(signed.mac).toEqual(macOf(request));
  });

  test("leaves the message itself alone", () => {
    const message = encodeMessage(createMessage({ id: 9, opcode: "UPDATE" }));
    const before = message.toString("hex");
    sign(message, recordedKey, recordedTime);
    expect(message.toString("hex")).toBe(before);
  });
});

describe("verify", () => {
  const check = (
    response: Buffer,
    request = added.request,
    now = recordedTime,
    key = recordedKey,
  ) => verify(response, macOf(request), key, now);

  test("believes what named signed", () => {
    expect(check(added.response)).toEqual({ state: "valid" });
    expect(check(prerequisiteFailed.response, prerequisiteFailed.request)).toEqual({
      state: "valid",
    });
  });

  test.each([300, -300])("allows %d s between the clocks", (difference) => {
    expect(check(added.response, added.request, recordedTime + difference)).toEqual({
      state: "valid",
    });
  });

  test.each([301, -301])("and not %d s", (difference) => {
    expect(check(added.response, added.request, recordedTime + difference)).toEqual({
      state: "forged",
    });
  });

  test("reports what the server says of the key", () => {
    expect(check(badSignature)).toEqual({ state: "rejected", error: "BADSIG" });
    expect(check(badKey)).toEqual({ state: "rejected", error: "BADKEY" });
  });

  test("knows an answer without a signature", () => {
    expect(check(address)).toEqual({ state: "unsigned" });
  });

  test("does not believe the answer to another request, or under another key", () => {
    expect(check(added.response, prerequisiteFailed.request)).toEqual({ state: "forged" });
    const otherSecret = { ...recordedKey, secret: new Uint8Array(32) };
    expect(check(added.response, added.request, recordedTime, otherSecret)).toEqual({
      state: "forged",
    });
    const otherName = { ...recordedKey, name: "reyns2" };
    expect(check(added.response, added.request, recordedTime, otherName)).toEqual({
      state: "forged",
    });
  });

  test("believes no answer with a flipped bit", () => {
    // The id is the caller's to compare, and names are the same in any case.
    for (let bit = 16; bit < added.response.length * 8; bit++) {
      const bytes = Buffer.from(added.response);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      if (lowerCase(bytes) === lowerCase(added.response)) continue;
      expect(stateOrFault(bytes), `bit ${bit}`).not.toBeOneOf(["valid", "bad-time"]);
    }
  });

  test("does not believe a signature without any bytes, whatever its error", () => {
    const noError = Buffer.from(badSignature);
    noError.writeUInt16BE(0, noError.length - 4);
    expect(check(noError)).toEqual({ state: "unsigned" });
    noError.writeUInt16BE(18, noError.length - 4);
    expect(check(noError)).toEqual({ state: "unsigned" });
  });

  test("takes the server's time from a signed BADTIME, and only then", () => {
    const { time, serverTime, mac, response } = recorded.badTime;
    expect(verify(response, mac, recordedKey, time)).toEqual({ state: "bad-time", serverTime });
    const moved = Buffer.from(response);
    moved.writeUInt8(0, moved.length - 1);
    expect(verify(moved, mac, recordedKey, time)).toEqual({ state: "forged" });
  });

  function lowerCase(bytes: Buffer): string {
    return bytes.toString("latin1").toLowerCase();
  }

  function stateOrFault(bytes: Buffer): string {
    try {
      return check(bytes).state;
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedMessage);
      return "malformed";
    }
  }
});
