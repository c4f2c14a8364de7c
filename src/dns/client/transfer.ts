import { NoAnswer } from "./deadline.ts";
import { explainNoAnswer, randomId, resolveTarget } from "./exchange.ts";
import type { DnsTarget } from "./exchange.ts";
import { createMessage, decodeMessage, encodeMessage } from "../wire/message.ts";
import type { DnsMessage, Rcode, ResourceRecord } from "../wire/message.ts";
import { normalizeName } from "../wire/name.ts";
import { dnsError } from "./errors.ts";
import type { UpdateOptions } from "./send-update.ts";
import { exchangeTcp } from "./transport.ts";
import { createVerifier, sign } from "../tsig/tsig.ts";
import type { TsigKey } from "../tsig/key.ts";
import type { Verdict } from "../tsig/tsig.ts";

interface Transfer {
  readonly rcode: Rcode;
  readonly verdict: Verdict;
  readonly records: readonly ResourceRecord[];
}

/**
 * Reads a whole zone, signed in each direction, its SOA once and first. If the clocks differ too much, the server's own
 * time is taken.
 *
 * @throws ReynsError DNS_REFUSED, DNS_UNREACHABLE; the reason of the signal
 * @see RFC 5936 (AXFR), RFC 8945 5.3.1 (its signatures)
 * @example
 * const records = await readZone("local.zone", { server: "10.5.0.2", key });
 */
export async function readZone(zone: string, options: UpdateOptions): Promise<ResourceRecord[]> {
  const { key, now = Date.now } = options;
  const target = resolveTarget(options);
  const end = performance.now() + target.timeout;
  let time = Math.floor(now() / 1000);
  for (;;) {
    const rest = { ...target, timeout: Math.max(0, end - performance.now()) };
    const { rcode, verdict, records } = await attempt(zone, rest, key, time);
    if (rcode === "NOERROR" && verdict.state === "valid") return [...records];
    const isFirst = verdict.state === "bad-time" && verdict.serverTime !== time;
    // BIND makes ten transfers at once, and fails further ones.
    const isBusy = rcode === "SERVFAIL" && performance.now() + pause < end;
    if (!isFirst && !isBusy) throw dnsError({ rcode, verdict, zone, key, server: target.server });
    if (verdict.state === "bad-time") time = verdict.serverTime;
    else await Bun.sleep(pause);
  }
}

/** Milliseconds. */
const pause = 20;

async function attempt(
  zone: string,
  target: DnsTarget,
  key: TsigKey,
  time: number,
): Promise<Transfer> {
  const questions = [{ name: normalizeName(zone), type: "AXFR", class: "IN" }] as const;
  const request = createMessage({ id: randomId(), opcode: "QUERY", questions });
  const signed = sign(encodeMessage(request), key, time);
  const accept = collect(request, createVerifier(signed.mac, key, time));
  try {
    return await exchangeTcp(signed.bytes, { ...target, accept });
  } catch (error) {
    throw explainNoAnswer(target, error);
  }
}

/**
 * Gathers the messages of the answer until the SOA comes a second time. Nothing is believed before the signature of
 * the last one, which covers them all.
 */
function collect(
  request: DnsMessage,
  verify: (bytes: Buffer) => Verdict,
): (bytes: Buffer) => Transfer | undefined {
  const records: ResourceRecord[] = [];
  return (bytes) => {
    const message = decodeMessage(bytes);
    const verdict = verify(bytes);
    if (!message.response || message.id !== request.id || verdict.state === "forged")
      throw new NoAnswer("the connection brought no usable answer");
    const { rcode } = message;
    if (rcode !== "NOERROR" || verdict.state === "bad-time") return { rcode, verdict, records: [] };
    records.push(...message.answers);
    const isLast = records.length > 1 && records.at(-1)?.data.type === "SOA";
    if (!isLast) return undefined;
    if (verdict.state !== "valid")
      throw new NoAnswer("the end of the zone came without a signature");
    return { rcode, verdict, records: records.slice(0, -1) };
  };
}
