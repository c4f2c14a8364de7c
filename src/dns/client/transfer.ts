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
 * Reads a whole zone; request and answer are signed. The SOA record comes first and only once. If the clocks differ too
 * much, the request is sent again with the server's time.
 *
 * @throws ReynsError DNS_REFUSED, DNS_UNREACHABLE; the signal's reason
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
    const isClockOff = verdict.state === "bad-time" && verdict.serverTime !== time;
    // BIND serves ten transfers at a time and fails further ones.
    const isBusy = rcode === "SERVFAIL" && performance.now() + pause < end;
    if (!isClockOff && !isBusy)
      throw dnsError({ rcode, verdict, zone, key, server: target.server });
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
 * Collects the messages of the answer until the SOA record repeats. The signature of the last message covers all of them,
 * so nothing is trusted before it.
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
      throw new NoAnswer("the answer is unusable");
    const { rcode } = message;
    if (rcode !== "NOERROR" || verdict.state === "bad-time") return { rcode, verdict, records: [] };
    records.push(...message.answers);
    const isLast = records.length > 1 && records.at(-1)?.data.type === "SOA";
    if (!isLast) return undefined;
    if (verdict.state !== "valid") throw new NoAnswer("the last message is not signed");
    return { rcode, verdict, records: records.slice(0, -1) };
  };
}
