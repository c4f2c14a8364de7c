import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";
import type { Duplex } from "node:stream";
import { NoAnswer, settleWithin } from "./deadline.ts";
import type { Limits } from "./deadline.ts";
import { MalformedMessage, uint16 } from "../wire/bytes.ts";

export interface ExchangeOptions<T> extends Limits {
  readonly server: string;
  readonly port: number;
  /** Returns the answer in the bytes, or undefined to keep waiting. */
  readonly accept: (bytes: Buffer) => T | undefined;
  /** Opens the TCP connection; a direct one by default. */
  readonly dial?: DialTcp | undefined;
}

/**
 * Sends a datagram and waits for the answer. Ignores messages that `accept` rejects or cannot decode.
 *
 * @param resendAfter milliseconds between the n-th sending (from 0) and the next; with it, a refused datagram is not an
 * error
 */
export function exchangeUdp<T>(
  packet: Uint8Array,
  exchange: ExchangeOptions<T>,
  resendAfter?: (sending: number) => number,
): Promise<T> {
  return settleWithin(exchange, (resolve, reject) => {
    const { server, port, accept } = exchange;
    const socket = createSocket(isIPv6(server) ? "udp6" : "udp4");
    let timer: Timer | undefined;
    let closed = false;
    const fail = (error: Error) => reject(noAnswer(error));
    const send = (sending: number) => {
      if (closed) return;
      socket.send(packet);
      if (resendAfter) timer = setTimeout(send, resendAfter(sending), sending + 1);
    };
    const refuse = (error: unknown) => {
      if (!(error instanceof MalformedMessage)) reject(error);
    };
    socket.on("message", (bytes) => settleWith(bytes, accept, resolve, refuse));
    // ICMP port unreachable: nothing listens there, or not yet.
    socket.on("error", (error) => {
      if (!resendAfter) fail(error);
    });
    // For a connected socket, the kernel drops datagrams from other addresses and ports. Bun passes an error to the
    // callback.
    socket.connect(port, server, (error?: unknown) =>
      error instanceof Error ? fail(error) : send(0),
    );
    return () => {
      closed = true;
      clearTimeout(timer);
      socket.close();
    };
  });
}

/**
 * Sends one message over TCP, preceded by its length (RFC 1035, 4.2.2), and passes each received message to `accept` until
 * it accepts one. A message that cannot be decoded ends the connection.
 */
export function exchangeTcp<T>(packet: Uint8Array, exchange: ExchangeOptions<T>): Promise<T> {
  return settleWithin(exchange, (resolve, reject) => {
    const { server, port, accept, dial = dialDirectly } = exchange;
    let stream: Duplex | undefined;
    let closed = false;
    const refuse = (error: unknown) =>
      reject(error instanceof MalformedMessage ? noAnswer(error) : error);
    const read = readMessages((bytes) => settleWith(bytes, accept, resolve, refuse));
    const begin = (opened: Duplex): void => {
      stream = opened;
      opened.on("data", read);
      opened.on("error", (error) => reject(noAnswer(error)));
      opened.on("close", () => reject(new NoAnswer("the connection was closed without an answer")));
      if (closed) opened.destroy();
      else opened.write(Buffer.concat([uint16(packet.length), packet]));
    };
    Promise.resolve(dial(server, port)).then(begin, reject);
    return () => {
      closed = true;
      stream?.destroy();
    };
  });
}

/** Opens a connection to a DNS server's TCP port. Connection errors may be emitted by the stream. */
export type DialTcp = (server: string, port: number) => Duplex | Promise<Duplex>;

export const dialDirectly: DialTcp = (host, port) => connect({ host, port });

/** Splits chunks of any size into messages. */
export function readMessages(onMessage: (bytes: Buffer) => void): (chunk: Buffer) => void {
  let received = Buffer.alloc(0);
  return (chunk) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      onMessage(received.subarray(2, end));
      received = received.subarray(end);
    }
  };
}

function settleWith<T>(
  bytes: Buffer,
  accept: (bytes: Buffer) => T | undefined,
  resolve: (value: T) => void,
  reject: (reason: unknown) => void,
): void {
  try {
    const answer = accept(bytes);
    if (answer !== undefined) resolve(answer);
  } catch (error) {
    reject(error);
  }
}

function noAnswer(cause: Error): NoAnswer {
  return new NoAnswer(cause.message, { cause });
}
