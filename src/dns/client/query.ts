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
   * `NXDOMAIN`: there is no such name; `NOERROR` without records: the name has none of the type.
   */
  readonly rcode: Rcode;
  /** Whether the server speaks for the zone itself. */
  readonly authoritative: boolean;
  readonly records: readonly ResourceRecord[];
  /** Of the A and AAAA records, in the order given. */
  readonly addresses: readonly string[];
}

type QueryType = "A" | "AAAA" | "CNAME" | "NS" | "PTR" | "SOA" | "TXT";

/**
 * Asks a DNS, over UDP, and TCP if the answer is too large for it.
 *
 * @throws ReynsError DNS_UNREACHABLE, INVALID_VALUE for an impossible name; the reason of the
 * signal
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
  const request = { ...question(name, type, true), additionals: [largerDatagrams] };
  const accept = (bytes: Buffer) => wrap(matchResponse(request, bytes));
  try {
    return answerOf((await exchange(encodeMessage(request), target, accept)).message);
  } catch (error) {
    throw explainNoAnswer(target, error);
  }
}

/**
 * Waits until a DNS answers for a zone with authority: one that has just been started refuses,
 * stays silent or fails while it loads.
 *
 * @throws ReynsError DNS_UNREACHABLE after `timeout`, with what it answered last; the reason of the
 * signal
 * @example
 * await waitForDns("local.zone", { server: "10.5.0.2", timeout: 10_000 });
 */
export async function waitForDns(zone: string, options: DnsClientOptions): Promise<void> {
  const target = resolveTarget(options);
  const request = question(zone, "SOA", false);
  let last: string | undefined;
  const accept = (bytes: Buffer) => {
    const message = matchResponse(request, bytes);
    if (!message) return undefined;
    last = `${message.rcode}, ${message.authoritative ? "with" : "without"} authority`;
    return message.authoritative && holdsStartOfAuthority(message, zone) ? message : undefined;
  };
  const packet = encodeMessage(request);
  try {
    await (target.dial
      ? exchangeAgain(packet, target, accept)
      : exchangeUdp(packet, { ...target, accept }, growingSteps));
  } catch (error) {
    if (!(error instanceof NoAnswer) || last === undefined) throw explainNoAnswer(target, error);
    throw new ReynsError(
      "DNS_UNREACHABLE",
      `the DNS at ${target.server} does not serve ${zone}: ${last}`,
      {
        hint: "see reyns logs reyns-dns",
      },
    );
  }
}

/** Over TCP one connection is refused, or brings a refusal, until the DNS is there. */
async function exchangeAgain<T>(
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

/** Milliseconds between two connections. */
const pause = 50;

/** Milliseconds: 5, 7, 10, … 100. */
function growingSteps(sending: number): number {
  return Math.min(100, 5 * 1.4 ** sending);
}

/** RFC 6891: with 1232 bytes, 70 addresses still come by one datagram, and none is cut into pieces on its way. */
const largerDatagrams: ResourceRecord = {
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

function answerOf({ rcode, authoritative, answers }: DnsMessage): QueryResult {
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
