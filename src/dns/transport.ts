import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";
import { NoAnswer, settleWithin } from "./deadline.ts";
import type { Limits } from "./deadline.ts";
import { uint16 } from "./wire.ts";

export interface Exchange<T> extends Limits {
  readonly server: string;
  readonly port: number;
  /** The answer in these bytes, or undefined if they are not the answer. */
  readonly accept: (bytes: Buffer) => T | undefined;
}

/**
 * Sends a datagram and waits for the answer; all that `accept` does not take is ignored.
 *
 * @param resendAfter milliseconds between the n-th sending (from 0) and the next; with it, a
 * refusal is no end
 */
export function exchangeUdp<T>(
  packet: Uint8Array,
  exchange: Exchange<T>,
  resendAfter?: (sending: number) => number,
): Promise<T> {
  return settleWithin(exchange, (resolve, reject) => {
    const { server, port, accept } = exchange;
    const socket = createSocket(isIPv6(server) ? "udp6" : "udp4");
    let timer: Timer | undefined;
    let closed = false;
    const fail = (error: Error) => reject(unanswered(error));
    const send = (sending: number) => {
      if (closed) return;
      socket.send(packet);
      if (resendAfter) timer = setTimeout(send, resendAfter(sending), sending + 1);
    };
    socket.on("message", (bytes) => settleWith(bytes, accept, resolve, reject));
    // An ICMP refusal: nobody listens there, or not yet.
    socket.on("error", (error) => {
      if (!resendAfter) fail(error);
    });
    // Once connected, the kernel drops what comes from any other address or port. Bun passes
    // a failure here.
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
 * Sends one message over TCP, where each is preceded by its length (RFC 1035, 4.2.2), and reads the
 * answer.
 */
export function exchangeTcp<T>(packet: Uint8Array, exchange: Exchange<T>): Promise<T> {
  return settleWithin(exchange, (resolve, reject) => {
    const { server, port, accept } = exchange;
    const socket = connect({ host: server, port });
    let received = Buffer.alloc(0);
    const unusable = () => reject(new NoAnswer("the connection brought no usable answer"));
    socket.on("connect", () => socket.write(Buffer.concat([uint16(packet.length), packet])));
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      settleWith(received.subarray(2, 2 + received.readUInt16BE(0)), accept, resolve, reject);
      unusable();
    });
    socket.on("error", (error) => reject(unanswered(error)));
    socket.on("close", unusable);
    return () => socket.destroy();
  });
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

function unanswered(cause: Error): NoAnswer {
  return new NoAnswer(cause.message, { cause });
}
