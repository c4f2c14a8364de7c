import { ReynsError } from "../../errors.ts";
import { NoAnswer } from "./deadline.ts";
import {
  matchResponse,
  exchange,
  exchangeStream,
  explainNoAnswer,
  randomId,
  resolveTarget,
} from "./exchange.ts";
import type { DnsClientOptions, DnsTarget } from "./exchange.ts";
import { createMessage, encodeMessage } from "../wire/message.ts";
import type { DnsMessage, Rcode, ResourceRecord } from "../wire/message.ts";
import { normalizeName } from "../wire/name.ts";
import type { RecordData } from "../wire/record.ts";
import { exchangeUdp } from "./transport.ts";

export interface QueryResult {
  /**
   * `NXDOMAIN`: the name does not exist; `NOERROR` without records: it has none of this type.
   */
  readonly rcode: Rcode;
  /** Whether the server is authoritative for the zone. */
  readonly authoritative: boolean;
  readonly records: readonly ResourceRecord[];
  /** The addresses of A and AAAA records, in the order received. */
  readonly addresses: readonly string[];
}

type QueryType = "A" | "AAAA" | "CNAME" | "NS" | "PTR" | "SOA" | "TXT";

/**
 * Queries a DNS server over UDP, or over TCP if the answer is too large.
 *
 * @throws ReynsError DNS_UNREACHABLE, INVALID_VALUE for an invalid name; the signal's reason
 * @see RFC 1035
 * @example
 * const { addresses } = await query("db-one.local.zone", "A", { server: "10.5.0.2" });
 */
export async function query(
  name: string,
  type: QueryType,
  options: DnsClientOptions,
): Promise<QueryResult> {
  const target = resolveTarget(options);
  const request = { ...question(name, type, true), additionals: [ednsOption] };
  const accept = (bytes: Buffer) => wrap(matchResponse(request, bytes));
  try {
    return toQueryResult((await exchange(encodeMessage(request), target, accept)).message);
  } catch (error) {
    throw explainNoAnswer(target, error);
  }
}

/**
 * Waits until a DNS server answers authoritatively for a zone. While it starts, it refuses, fails or does not answer.
 *
 * @throws ReynsError DNS_UNREACHABLE after `timeout`, with the last answer; the signal's reason
 * @example
 * await waitForDns("local.zone", { server: "10.5.0.2", timeout: 10_000 });
 */
export async function waitForDns(zone: string, options: DnsClientOptions): Promise<void> {
  const target = resolveTarget(options);
  const request = question(zone, "SOA", false);
  let lastAnswer: string | undefined;
  const accept = (bytes: Buffer) => {
    const message = matchResponse(request, bytes);
    if (!message) return undefined;
    lastAnswer = `${message.rcode}, ${message.authoritative ? "" : "not "}authoritative`;
    return message.authoritative && holdsStartOfAuthority(message, zone) ? message : undefined;
  };
  const packet = encodeMessage(request);
  try {
    await (target.dial
      ? retryExchange(packet, target, accept)
      : exchangeUdp(packet, { ...target, accept }, growingSteps));
  } catch (error) {
    if (!(error instanceof NoAnswer) || lastAnswer === undefined)
      throw explainNoAnswer(target, error);
    throw new ReynsError(
      "DNS_UNREACHABLE",
      `the DNS at ${target.server} does not serve ${zone}: ${lastAnswer}`,
      {
        hint: "see reyns logs reyns-dns",
      },
    );
  }
}

/**
 * Whether a DNS answers at all, which it does without asking others.
 *
 * @returns "closed" when the connection was refused or ended, "silent" when nothing came within the timeout
 */
export async function probeDns(
  options: DnsClientOptions,
): Promise<"answers" | "closed" | "silent"> {
  const target = resolveTarget(options);
  const request = question("local", "SOA", false);
  const start = performance.now();
  try {
    await exchangeStream(encodeMessage(request), target, (bytes) => matchResponse(request, bytes));
    return "answers";
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return performance.now() - start < target.timeout ? "closed" : "silent";
  }
}

/** Retries until the timeout: while the server starts, it refuses connections or requests. */
async function retryExchange<T>(
  packet: Uint8Array,
  target: DnsTarget,
  accept: (bytes: Buffer) => T | undefined,
): Promise<T> {
  const end = performance.now() + target.timeout;
  for (;;) {
    const timeout = Math.max(0, end - performance.now());
    try {
      return await exchangeStream(packet, { ...target, timeout }, accept);
    } catch (error) {
      if (!(error instanceof NoAnswer) || performance.now() + pause >= end) throw error;
    }
    await Bun.sleep(pause);
  }
}

/** Milliseconds. */
const pause = 50;

/** Milliseconds: 5, 7, 10, … 100. */
function growingSteps(sending: number): number {
  return Math.min(100, 5 * 1.4 ** sending);
}

/** Accepts answers of 1232 bytes over UDP (RFC 6891): enough for 70 addresses, and not fragmented. */
const ednsOption: ResourceRecord = {
  name: "",
  class: "CLASS1232",
  ttl: 0,
  data: { type: "TYPE41", bytes: new Uint8Array() },
};

function question(name: string, type: QueryType, recursionDesired: boolean): DnsMessage {
  const questions = [{ name: normalizeName(name), type, class: "IN" }] as const;
  return createMessage({ id: randomId(), opcode: "QUERY", recursionDesired, questions });
}

function holdsStartOfAuthority({ answers }: DnsMessage, zone: string): boolean {
  return answers.some(({ name, data }) => data.type === "SOA" && name === normalizeName(zone));
}

function wrap<T>(message: T | undefined): { message: T } | undefined {
  return message && { message };
}

function toQueryResult({ rcode, authoritative, answers }: DnsMessage): QueryResult {
  return {
    rcode,
    authoritative,
    records: answers,
    addresses: answers.flatMap(({ data }) => addressOf(data)),
  };
}

function addressOf(data: RecordData): string[] {
  return data.type === "A" || data.type === "AAAA" ? [data.address] : [];
}
