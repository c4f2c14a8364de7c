import { afterEach, describe, expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import type { Server } from "node:net";
import { createMessage, decodeMessage, encodeMessage } from "../../src/dns/wire/message.ts";
import type { DnsMessage } from "../../src/dns/wire/message.ts";
import { query, waitForDns } from "../../src/dns/client/query.ts";
import { readZone } from "../../src/dns/client/transfer.ts";
import { sendUpdate } from "../../src/dns/client/send-update.ts";
import { uint16 } from "../../src/dns/wire/bytes.ts";
import type { Update } from "../../src/dns/client/update.ts";
import { recordedKey } from "./dns-recorded.ts";

const name = "demo.local.zone";
const update: Update = {
  zone: "local.zone",
  prerequisites: [],
  changes: [{ kind: "remove-all", name, type: "A" }],
};
const address = { type: "A", address: "10.5.0.7" } as const;
const soa = {
  primary: "ns",
  mailbox: "root",
  serial: 1,
  refresh: 1,
  retry: 1,
  expire: 1,
  minimum: 1,
};
const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** The answer that a DNS would give, with what is to be different about it. */
function answer(request: DnsMessage, different: Partial<DnsMessage> = {}): Buffer {
  const { id, opcode, questions } = request;
  const answers = opcode === "QUERY" ? [{ name, class: "IN", ttl: 5, data: address } as const] : [];
  const parts = {
    id,
    opcode,
    questions,
    answers,
    authoritative: true,
    response: true,
    ...different,
  };
  return encodeMessage(createMessage(parts));
}

type Answers = (request: DnsMessage, count: number) => readonly Uint8Array[];

interface Fake {
  readonly port: number;
  readonly udp: Socket;
  readonly clients: RemoteInfo[];
}

/** A server on the loopback that gives back any bytes. */
async function serve(answers: Answers, port = 0): Promise<Fake> {
  const udp = createSocket("udp4");
  const clients: RemoteInfo[] = [];
  udp.on("message", (bytes, client) => {
    clients.push(client);
    for (const each of answers(decodeMessage(bytes), clients.length))
      udp.send(each, client.port, client.address);
  });
  udp.bind(port, "127.0.0.1");
  await once(udp, "listening");
  cleanups.push(() => udp.close());
  return { port: udp.address().port, udp, clients };
}

interface Pair extends Fake {
  readonly tcp: Server;
}

/**
 * The same over UDP and TCP. Over TCP each item is written as it is; then the connection is closed
 * unless kept.
 */
async function servePair(udpAnswers: Answers, tcpAnswers: Answers, keep = false): Promise<Pair> {
  const tcp = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", (bytes) => {
      for (const each of tcpAnswers(decodeMessage(bytes.subarray(2)), 1)) socket.write(each);
      if (!keep) socket.end();
    });
  });
  cleanups.push(() => tcp.close());
  for (;;) {
    const fake = await serve(udpAnswers);
    tcp.listen(fake.port, "127.0.0.1");
    // A port that is free for UDP may be taken for TCP.
    const listening = await once(tcp, "listening").catch(() => undefined);
    if (listening) return { ...fake, tcp };
  }
}

const framed = (bytes: Buffer) => [uint16(bytes.length), bytes];
const ask = (port: number, timeout = 2000, signal?: AbortSignal) =>
  query(name, "A", { server: "127.0.0.1", port, timeout, signal });
const change = (port: number, timeout = 2000) =>
  sendUpdate(update, { server: "127.0.0.1", port, key: recordedKey, timeout });
const unreachable = expect.objectContaining({ code: "DNS_UNREACHABLE" });
const refused = expect.objectContaining({ code: "DNS_REFUSED" });

describe("query", () => {
  const other = { name: "other.local.zone", type: "A", class: "IN" } as const;
  const lies = [{ name, class: "IN", ttl: 5, data: { type: "A", address: "6.6.6.6" } }] as const;
  const lie = (different: Partial<DnsMessage>) => (request: DnsMessage) =>
    answer(request, { answers: lies, ...different });
  const strangers: [string, (request: DnsMessage) => Uint8Array][] = [
    ["another id", (request) => lie({ id: request.id ^ 1 })(request)],
    ["another name", lie({ questions: [other] })],
    ["another type", lie({ questions: [{ name, type: "TXT", class: "IN" }] })],
    ["another class", lie({ questions: [{ name, type: "A", class: "ANY" }] })],
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
    await expect(query(name, "A", { server: "localhost" })).rejects.toEqual(invalid);
    await expect(query("a..b", "A", { server: "127.0.0.1" })).rejects.toEqual(invalid);
  });

  test("a port that nobody listens on is not asked until the timeout", async () => {
    const fake = await serve(() => []);
    cleanups.splice(0).forEach((cleanup) => cleanup());
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

describe("sendUpdate", () => {
  test.each(["NOERROR", "NXRRSET", "YXDOMAIN"] as const)(
    "does not believe %s without a signature",
    async (rcode) => {
      const { port } = await serve((request) => [answer(request, { rcode })]);
      expect(await change(port, 100).catch((error: unknown) => error)).toEqual(unreachable);
    },
  );

  test("nor its own request sent back as an answer", async () => {
    const { port } = await serve((request) => [encodeMessage({ ...request, response: true })]);
    expect(await change(port, 100).catch((error: unknown) => error)).toEqual(unreachable);
  });

  /** A TSIG record that is cut short. */
  const broken = (request: DnsMessage) =>
    answer(request, {
      rcode: "REFUSED",
      additionals: [
        {
          name: recordedKey.name,
          class: "ANY",
          ttl: 0,
          data: { type: "TYPE250", bytes: Buffer.of(0) },
        },
      ],
    });

  test("looks past a signature that cannot be read", async () => {
    const refusal = (request: DnsMessage) => answer(request, { rcode: "REFUSED" });
    const { port } = await serve((request) => [broken(request), refusal(request)]);
    expect(await change(port).catch((error: unknown) => error)).toEqual(refused);
  });

  test("does not take it for an answer over TCP", async () => {
    const { port } = await servePair(
      () => [],
      (request) => framed(broken(request)),
    );
    expect(await change(port, 300).catch((error: unknown) => error)).toEqual(unreachable);
  });

  test("sends what is larger than 1232 bytes over TCP at once", async () => {
    const fake = await servePair(
      (request) => [answer(request, { rcode: "SERVFAIL" })],
      (request) => framed(answer(request, { rcode: "REFUSED" })),
    );
    const changes = Array.from({ length: 50 }, () => update.changes).flat();
    const options = { server: "127.0.0.1", port: fake.port, key: recordedKey };
    expect(await sendUpdate({ ...update, changes }, options).catch(String)).toContain("REFUSED");
    expect(fake.clients).toHaveLength(0);
  });

  test.each(["REFUSED", "FORMERR", "SERVFAIL", "NOTIMP", "RCODE14"] as const)(
    "reports %s",
    async (rcode) => {
      const { port } = await serve((request) => [answer(request, { rcode, questions: [] })]);
      const error = await change(port).catch((thrown: unknown) => thrown);
      expect(error).toEqual(refused);
      expect(String(error)).toContain(rcode);
    },
  );
});

test("a zone that comes as noise has not come", async () => {
  const { port } = await servePair(
    () => [],
    () => framed(Buffer.alloc(70, 0xc0)),
  );
  const options = { server: "127.0.0.1", port, key: recordedKey, timeout: 300 };
  expect(await readZone("local.zone", options).catch((error: unknown) => error)).toEqual(
    unreachable,
  );
});

describe("waitForDns", () => {
  const start = [
    { name: "local.zone", class: "IN", ttl: 5, data: { type: "SOA", ...soa } },
  ] as const;
  const wait = (port: number, timeout = 5000, signal?: AbortSignal) =>
    waitForDns("Local.Zone", { server: "127.0.0.1", port, timeout, signal });

  test("through silence, failures and answers without authority", async () => {
    const fake = await serve((request, count) => {
      if (count < 3) return [];
      if (count < 5)
        return [answer(request, { rcode: "SERVFAIL", answers: [], authoritative: false })];
      if (count < 7) return [answer(request, { answers: start, authoritative: false })];
      if (count < 9) return [answer(request, { answers: [] })];
      return [answer(request, { answers: start })];
    });
    await wait(fake.port);
    expect(fake.clients.length).toBeGreaterThanOrEqual(9);
  });

  test("through refusals, until somebody listens", async () => {
    const { port } = await serve(() => []);
    cleanups.splice(0).forEach((cleanup) => cleanup());
    const waiting = wait(port);
    // A query of the same port that is refused shows that the first packets of the wait were too.
    await ask(port, 500).catch(() => {});
    await serve((request) => [answer(request, { answers: start })], port);
    await waiting;
  });

  test("says what it heard last when the time is up", async () => {
    const { port } = await serve((request) => [
      answer(request, { rcode: "SERVFAIL", answers: [] }),
    ]);
    const error = await wait(port, 300).catch((thrown: unknown) => thrown);
    expect(error).toEqual(unreachable);
    expect(String(error)).toContain("does not serve Local.Zone: SERVFAIL");
  });

  test("ends with the signal's reason, and its socket is closed", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const fake = await serve(() => (controller.abort(reason), []));
    expect(await wait(fake.port, 5000, controller.signal).catch((error: unknown) => error)).toBe(
      reason,
    );
    await expectFree(fake.clients[0]?.port);
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

/** Only a port whose socket is closed can be bound again. */
async function expectFree(port: number | undefined): Promise<void> {
  const socket = createSocket("udp4");
  socket.bind(port ?? 0);
  await once(socket, "listening");
  expect(socket.address().port).toBe(port as number);
  socket.close();
}
