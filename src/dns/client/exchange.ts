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
  /** Address of the DNS server. */
  readonly server: string;
  readonly port?: number | undefined;
  /** Connects to its TCP port when this host has no route to it; UDP is not used then. */
  readonly dial?: DialTcp | undefined;
  /** Milliseconds, for the whole call. */
  readonly timeout?: number | undefined;
  /** Aborts the call with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface DnsTarget extends Limits {
  readonly server: string;
  readonly port: number;
  readonly dial: DialTcp | undefined;
}

/** Networks do not fragment datagrams of this size (RFC 9715). */
const maxDatagram = 1232;
/** The share of the timeout after which TCP is tried instead of UDP. */
const udpShare = 1 / 3;

/**
 * Applies the defaults.
 *
 * @throws ReynsError INVALID_VALUE for a host name, which could not be resolved without a DNS server
 */
export function resolveTarget({
  server,
  port = 53,
  dial,
  timeout = 2000,
  signal,
}: DnsClientOptions): DnsTarget {
  if (isIP(server) === 0)
    throw new ReynsError(
      "INVALID_VALUE",
      `the address of a DNS server must be an IP address, not "${server}"`,
    );
  return { server, port, dial, timeout, signal };
}

export function randomId(): number {
  return randomInt(0x10000);
}

/**
 * Sends a packet over UDP, or over TCP if it or its answer is too large, and returns the answer that `accept` accepts.
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

/** Like `exchange`, over TCP only. A message that is not the answer ends the exchange. */
export function exchangeStream<T>(
  packet: Uint8Array,
  target: DnsTarget,
  accept: (bytes: Buffer) => T | undefined,
): Promise<T> {
  return exchangeTcp(packet, { ...target, accept: (bytes) => accept(bytes) ?? rejectUnusable() });
}

function rejectUnusable(): never {
  throw new NoAnswer("the answer is unusable");
}

function ignoreNoAnswer(error: unknown): undefined {
  if (!(error instanceof NoAnswer)) throw error;
}

/**
 * Decodes a message; undefined unless it answers the request: same id, opcode and question.
 *
 * @throws MalformedMessage
 */
export function matchResponse(request: DnsMessage, bytes: Uint8Array): DecodedMessage | undefined {
  const message = decodeMessage(bytes);
  if (!message.response || message.id !== request.id || message.opcode !== request.opcode)
    return undefined;
  const [sent] = request.questions;
  const [received] = message.questions;
  // A server that could not parse the question may leave it out of an error, but not of a success.
  if (!received) return message.rcode === "NOERROR" ? undefined : message;
  const same =
    received.name === sent?.name && received.type === sent.type && received.class === sent.class;
  return same ? message : undefined;
}

/** Turns a NoAnswer into a ReynsError; returns other errors unchanged. */
export function explainNoAnswer({ server, port }: DnsTarget, error: unknown): unknown {
  if (!(error instanceof NoAnswer)) return error;
  const where = port === 53 ? server : `${server} port ${port}`;
  return new ReynsError(
    "DNS_UNREACHABLE",
    `the DNS at ${where} does not answer: ${error.message}`,
    {
      hint: "check that it is running and reachable over UDP and TCP: reyns ps, reyns logs reyns-dns",
      cause: error,
    },
  );
}
