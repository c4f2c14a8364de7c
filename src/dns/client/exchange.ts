import { randomInt } from "node:crypto";
import { isIP } from "node:net";
import { ReynsError } from "../../errors.ts";
import { NoAnswer } from "./deadline.ts";
import type { Limits } from "./deadline.ts";
import { decodeMessage } from "../wire/message.ts";
import type { DecodedMessage, DnsMessage } from "../wire/message.ts";
import { exchangeTcp, exchangeUdp } from "./transport.ts";
import type { DialTcp } from "./transport.ts";

export interface DnsClientOptions {
  /** The address of the DNS. */
  readonly server: string;
  readonly port?: number | undefined;
  /** The way to its TCP port where this host has none of its own; nothing goes over UDP then. */
  readonly dial?: DialTcp | undefined;
  /** Milliseconds for the whole call. */
  readonly timeout?: number | undefined;
  /** Ends the call with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface DnsTarget extends Limits {
  readonly server: string;
  readonly port: number;
  readonly dial: DialTcp | undefined;
}

/** No network cuts a datagram of this size into pieces (RFC 9715), and BIND takes questions of any. */
const maxDatagram = 1232;
/** The part of the time after which UDP is given up for TCP. */
const udpShare = 1 / 3;

/**
 * The options with their defaults.
 *
 * @throws ReynsError INVALID_VALUE for a host name: no DNS to ask for it yet
 */
export function resolveTarget({
  server,
  port = 53,
  dial,
  timeout = 2000,
  signal,
}: DnsClientOptions): DnsTarget {
  if (isIP(server) === 0)
    throw new ReynsError("INVALID_VALUE", `"${server}" is not an IP address of a DNS`);
  return { server, port, dial, timeout, signal };
}

export function randomId(): number {
  return randomInt(0x10000);
}

/**
 * Sends the packet, over UDP if it fits and TCP if it does not or the answer did not, and returns
 * what `accept` took.
 */
export async function exchange<T extends { message: DnsMessage }>(
  packet: Uint8Array,
  target: DnsTarget,
  accept: (bytes: Buffer) => T | undefined,
): Promise<T> {
  const end = performance.now() + target.timeout;
  if (packet.length <= maxDatagram && !target.dial) {
    const timeout = target.timeout * udpShare;
    const answer = await exchangeUdp(packet, { ...target, accept, timeout }).catch(ignoreNoAnswer);
    if (answer && !answer.message.truncated) return answer;
  }
  const timeout = Math.max(0, end - performance.now());
  return exchangeStream(packet, { ...target, timeout }, accept);
}

/** The same over TCP alone. Only the DNS writes there: what is no answer will not be followed by one. */
export function exchangeStream<T>(
  packet: Uint8Array,
  target: DnsTarget,
  accept: (bytes: Buffer) => T | undefined,
): Promise<T> {
  return exchangeTcp(packet, { ...target, accept: (bytes) => accept(bytes) ?? unusable() });
}

function unusable(): never {
  throw new NoAnswer("the connection brought no usable answer");
}

function ignoreNoAnswer(error: unknown): undefined {
  if (!(error instanceof NoAnswer)) throw error;
}

/**
 * The message in the bytes if it answers the request: its id, its kind and its question are the
 * same.
 *
 * @throws MalformedMessage
 */
export function matchResponse(request: DnsMessage, bytes: Uint8Array): DecodedMessage | undefined {
  const message = decodeMessage(bytes);
  if (!message.response || message.id !== request.id || message.opcode !== request.opcode)
    return undefined;
  const [asked] = request.questions;
  const [answered] = message.questions;
  // A server that could not read the question may leave it out, but cannot then claim to have
  // answered it.
  if (!answered) return message.rcode === "NOERROR" ? undefined : message;
  const same =
    answered.name === asked?.name && answered.type === asked.type && answered.class === asked.class;
  return same ? message : undefined;
}

/** A NoAnswer in words for people; everything else as it is. */
export function explainNoAnswer({ server, port }: DnsTarget, error: unknown): unknown {
  if (!(error instanceof NoAnswer)) return error;
  const where = port === 53 ? server : `${server} port ${port}`;
  return new ReynsError(
    "DNS_UNREACHABLE",
    `the DNS at ${where} does not answer: ${error.message}`,
    {
      hint: "is it running, and do UDP and TCP reach it? see reyns ps, reyns logs reyns-dns",
      cause: error,
    },
  );
}
