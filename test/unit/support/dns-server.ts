// DNS servers on the loopback, and questions to them.
import { expect } from "bun:test";
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import {
  createMessage,
  decodeMessage,
  encodeMessage,
  type DnsMessage,
} from "../../../src/dns/wire/message.ts";
import { query } from "../../../src/dns/client/query.ts";
import { uint16 } from "../../../src/dns/wire/bytes.ts";

export const askedName = "demo.local.zone";
const address = { type: "A", address: "10.5.0.7" } as const;

/** What a test has opened, for closeServers(). */
export const cleanups: (() => void)[] = [];

export function closeServers(): void {
  for (const cleanup of cleanups.splice(0)) cleanup();
}

/** The answer that a DNS would give, with what is to be different about it. */
export function answer(request: DnsMessage, different: Partial<DnsMessage> = {}): Buffer {
  const { id, opcode, questions } = request;
  const answers =
    opcode === "QUERY" ? [{ name: askedName, class: "IN", ttl: 5, data: address } as const] : [];
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
export async function serve(answers: Answers, port = 0): Promise<Fake> {
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
export async function servePair(
  udpAnswers: Answers,
  tcpAnswers: Answers,
  keep = false,
): Promise<Pair> {
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

export const framed = (bytes: Buffer) => [uint16(bytes.length), bytes];

export const ask = (port: number, timeout = 2000, signal?: AbortSignal) =>
  query(askedName, "A", { server: "127.0.0.1", port, timeout, signal });

export const unreachable = expect.objectContaining({ code: "DNS_UNREACHABLE" });

/** Only a port whose socket is closed can be bound again. */
export async function expectFree(port: number | undefined): Promise<void> {
  const socket = createSocket("udp4");
  socket.bind(port ?? 0);
  await once(socket, "listening");
  expect(socket.address().port).toBe(port as number);
  socket.close();
}
