import { afterEach, describe, expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import type { DnsMessage } from "../../src/dns/wire/message.ts";
import { query } from "../../src/dns/client/query.ts";
import { uint16 } from "../../src/dns/wire/bytes.ts";
import {
  askedName,
  closeServers,
  cleanups,
  answer,
  serve,
  servePair,
  framed,
  ask,
  unreachable,
  expectFree,
} from "./support/dns-server.ts";

afterEach(closeServers);

describe("query", () => {
  const other = { name: "other.local.zone", type: "A", class: "IN" } as const;
  const lies = [
    { name: askedName, class: "IN", ttl: 5, data: { type: "A", address: "6.6.6.6" } },
  ] as const;
  const lie = (different: Partial<DnsMessage>) => (request: DnsMessage) =>
    answer(request, { answers: lies, ...different });
  const strangers: [string, (request: DnsMessage) => Uint8Array][] = [
    ["another id", (request) => lie({ id: request.id ^ 1 })(request)],
    ["another name", lie({ questions: [other] })],
    ["another type", lie({ questions: [{ name: askedName, type: "TXT", class: "IN" }] })],
    ["another class", lie({ questions: [{ name: askedName, type: "A", class: "ANY" }] })],
    ["no question", lie({ questions: [] })],
    ["another kind", lie({ opcode: "NOTIFY" })],
    ["a question", lie({ response: false })],
    ["half an answer", (request) => lie({})(request).subarray(0, -3)],
    ["nothing", () => Buffer.alloc(0)],
    ["noise", () => Buffer.alloc(700, 0xc0)],
  ];

  test.each(strangers)("ignores %s and takes the answer", async (_, stranger) => {
    const { port } = await serve((request) => [stranger(request), answer(request)]);
    expect(await ask(port)).toMatchObject({
      rcode: "NOERROR",
      authoritative: true,
      addresses: ["10.5.0.7"],
    });
  });

  test.each(strangers)("gives up with nothing but %s", async (_, stranger) => {
    const { port } = await serve((request) => [stranger(request)]);
    expect(await ask(port, 100).catch(String)).toContain("does not answer");
  });

  test("ignores what comes from another port", async () => {
    const liar = createSocket("udp4");
    cleanups.push(() => liar.close());
    const fake = await serve((request) => {
      const [client] = fake.clients;
      const untrue = lie({})(request);
      // The truth is sent once the lie is out.
      if (client)
        liar.send(untrue, client.port, client.address, () =>
          fake.udp.send(answer(request), client.port),
        );
      return [];
    });
    expect(await ask(fake.port)).toMatchObject({ addresses: ["10.5.0.7"] });
  });

  test.each(["NXDOMAIN", "SERVFAIL", "REFUSED"] as const)("%s is data", async (rcode) => {
    const { port } = await serve((request) => [
      answer(request, { rcode, answers: [], authoritative: false }),
    ]);
    expect(await ask(port)).toEqual({ rcode, authoritative: false, records: [], addresses: [] });
  });

  test("a host name is not asked, nor for what is no name", async () => {
    const invalid = expect.objectContaining({ code: "INVALID_VALUE" });
    await expect(query(askedName, "A", { server: "localhost" })).rejects.toEqual(invalid);
    await expect(query("a..b", "A", { server: "127.0.0.1" })).rejects.toEqual(invalid);
  });

  test("a port that nobody listens on is not asked until the timeout", async () => {
    const fake = await serve(() => []);
    closeServers();
    const hour = 3_600_000;
    expect(await ask(fake.port, hour).catch((error: unknown) => error)).toEqual(unreachable);
  });
});

describe("over TCP", () => {
  test("when the datagram was too small", async () => {
    const truncated = (request: DnsMessage) => [answer(request, { truncated: true, answers: [] })];
    const { port } = await servePair(truncated, (request) => framed(answer(request)));
    expect(await ask(port)).toMatchObject({ addresses: ["10.5.0.7"] });
  });

  test("when UDP is silent, with time to spare", async () => {
    const { port } = await servePair(
      () => [],
      (request) => framed(answer(request)),
    );
    expect(await ask(port)).toMatchObject({ addresses: ["10.5.0.7"] });
  });

  test("in pieces of one byte", async () => {
    const bytes = (request: DnsMessage) =>
      [...Buffer.concat(framed(answer(request)))].map((byte) => Buffer.of(byte));
    const { port } = await servePair(() => [], bytes);
    expect(await ask(port)).toMatchObject({ addresses: ["10.5.0.7"] });
  });

  const useless: [string, (request: DnsMessage) => Uint8Array[], boolean][] = [
    ["nothing at all", () => [], false],
    ["silence", () => [], true],
    ["half a length", () => [Buffer.of(0)], false],
    ["more announced than sent", (request) => [uint16(0xffff), answer(request)], true],
    [
      "more announced than sent, then the end",
      (request) => [uint16(0xffff), answer(request)],
      false,
    ],
    ["another id", (request) => framed(answer(request, { id: request.id ^ 1 })), true],
    ["an empty message", () => [uint16(0)], true],
  ];
  test.each(useless)("%s is no answer", async (_, bytes, keep) => {
    const { port } = await servePair(() => [], bytes, keep);
    expect(await ask(port, 150).catch((error: unknown) => error)).toEqual(unreachable);
  });
});

describe("abort", () => {
  test("before the start: nothing is sent", async () => {
    const fake = await serve((request) => [answer(request)]);
    const signal = AbortSignal.abort("early");
    expect(await ask(fake.port, 2000, signal).catch((error: unknown) => error)).toBe("early");
    expect(fake.clients).toHaveLength(0);
  });

  test("while UDP is silent: its socket is closed", async () => {
    const controller = new AbortController();
    const fake = await serve(() => (controller.abort("now"), []));
    expect(await ask(fake.port, 5000, controller.signal).catch((error: unknown) => error)).toBe(
      "now",
    );
    await expectFree(fake.clients[0]?.port);
  });

  test("while TCP is silent: the connection is closed", async () => {
    const controller = new AbortController();
    const truncated = (request: DnsMessage) => [answer(request, { truncated: true })];
    const { port, tcp } = await servePair(truncated, () => (controller.abort("now"), []), true);
    const closed = Promise.withResolvers<void>();
    tcp.on("connection", (socket) => socket.on("close", () => closed.resolve()));
    expect(await ask(port, 5000, controller.signal).catch((error: unknown) => error)).toBe("now");
    await closed.promise;
  });
});
