import type { TsigKey } from "../../src/dns/tsig/key.ts";

/** The secret of the exchanges below: the bytes 0 to 31. */
export const recordedKey: TsigKey = {
  name: "reyns",
  algorithm: "hmac-sha256",
  secret: Uint8Array.from({ length: 32 }, (_, index) => index),
};

/** Seconds since 1970 by the clock of both sides. */
export const recordedTime = 0x6b01fefd;

const hex = (...parts: string[]): Buffer => Buffer.from(parts.join(""), "hex");
const zone = "056c6f63616c047a6f6e650000060001";
const tsig = "057265796e730000fa00ff00000000003d0b686d61632d7368613235360000006b01fefd012c0020";
const emptyTsig = "0000fa00ff00000000001d0b686d61632d7368613235360000006b01fefd012c0000";

/** What nsupdate and named of BIND 9.18 said to each other. */
export const recorded = {
  added: {
    request: hex(
      ...[
        "998028000001000000010001",
        zone,
        "0864656d6f2d6f6e65c00c000100010000000500040a050007",
        tsig,
      ],
      "78089223477f5f2b972d5bcd328e4164df41768981c06da6f8f1ac23b3581496998000000000",
    ),
    response: hex(
      ...["9980a8000001000000000001", zone, tsig],
      "64713cc75627873d8b7a3f91de18b4b66523420b5f65862be0365ce2857dc3f5998000000000",
    ),
  },
  prerequisiteFailed: {
    request: hex(
      ...["f9d028000001000100010001", zone, "026e6fc00c000100ff000000000000"],
      ...["0464656d6fc00c000100fe0000000000040a000001", tsig],
      "d4059f1009900d70bb9249a5d7ef5835125b54553501007b969da3668d3b2c09f9d000000000",
    ),
    response: hex(
      ...["f9d0a8080001000000000001", zone, tsig],
      "c12d92e467e85e4d53e9fd017a28cf129fe2ea1d8dbdfb8ddd7cf56d2399417bf9d000000000",
    ),
  },
  /** To the request `added`, signed an hour too early. */
  badTime: {
    time: 0x6b01f163,
    serverTime: 0x6b01ff73,
    mac: hex("96f8464fd4c62edd9c92c75a81b1ad3e0a6e3d43e12de4bd6daff089a78a4309"),
    response: hex(
      ...[
        "9980a8090001000000000001",
        zone,
        "057265796e730000fa00ff0000000000430b686d61632d736861323536",
      ],
      ...[
        "0000006b01f163012c0020",
        "0c79740408b6601ef76109fd6b3f41774905f38762debb16adf7653a30aaf44c",
      ],
      "99800012000600006b01ff73",
    ),
  },
  badSignature: hex("bb03a8090001000000000001", zone, "057265796e73", emptyTsig, "bb0300100000"),
  badKey: hex("b753a8090001000000000001", zone, "066e6f626f6479", emptyTsig, "b75300110000"),
  startOfAuthority: hex(
    ...["9d6785000001000100000000", zone, "c00c00060001000000050026"],
    "096c6f63616c686f73740004726f6f74c0280000000300000e10000002580001518000000002",
  ),
  address: hex(
    "984a850000010001000000000864656d6f2d6f6e65056c6f63616c047a6f6e650000010001",
    "c00c000100010000000500040a050007",
  ),
} as const;

/** The message of a recorded request before it was signed. */
export function unsigned(request: Buffer): Buffer {
  const bytes = Buffer.from(request.subarray(0, request.indexOf(Buffer.from(tsig, "hex"))));
  bytes.writeUInt16BE(0, 10);
  return bytes;
}

export function macOf(request: Buffer): Buffer {
  return request.subarray(-38, -6);
}
