import { matchResponse, exchange, explainNoAnswer, randomId, resolveTarget } from "./exchange.ts";
import type { DnsClientOptions, DnsTarget } from "./exchange.ts";
import { encodeMessage } from "../wire/message.ts";
import type { DnsMessage, Rcode } from "../wire/message.ts";
import { dnsError } from "./errors.ts";
import { sign, verify } from "../tsig/tsig.ts";
import type { SignedMessage, Verdict } from "../tsig/tsig.ts";
import type { TsigKey } from "../tsig/key.ts";
import { updateMessage } from "./update.ts";
import type { Update } from "./update.ts";

export interface UpdateOptions extends DnsClientOptions {
  readonly key: TsigKey;
  /** The clock for signatures, in milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

/** A prerequisite failed, because a name or record exists (`YX`) or does not (`NX`) (RFC 2136, 2.2). */
const failedPrerequisites = ["YXDOMAIN", "YXRRSET", "NXDOMAIN", "NXRRSET"] as const;
type FailedPrerequisite = (typeof failedPrerequisites)[number];

/** Applied, or not because a prerequisite failed. */
export type UpdateResult =
  | { readonly applied: true }
  | { readonly applied: false; readonly rcode: FailedPrerequisite };

interface Reply {
  readonly message: DnsMessage;
  readonly verdict: Verdict;
}

/**
 * Signs an update and sends it over UDP, or over TCP if it is large or UDP gives no answer; the server may then receive it
 * twice. Only an answer signed with the same key counts as success. If the clocks differ too much, the update is sent
 * again with the server's time.
 *
 * @throws ReynsError DNS_REFUSED, DNS_UNREACHABLE; the signal's reason
 * @see RFC 2136 (updates), RFC 8945 (signatures)
 * @example
 * const result = await sendUpdate(update, { server: "10.5.0.2", key, timeout: 2000 });
 * if (!result.applied) console.error(result.rcode); // "NXRRSET"
 */
export async function sendUpdate(update: Update, options: UpdateOptions): Promise<UpdateResult> {
  const { key, now = Date.now } = options;
  const target = resolveTarget(options);
  const end = performance.now() + target.timeout;
  const first = await attempt(update, target, key, Math.floor(now() / 1000));
  if (first.verdict.state !== "bad-time") return resultOf(first, update, target, key);
  const rest = { ...target, timeout: Math.max(0, end - performance.now()) };
  return resultOf(await attempt(update, rest, key, first.verdict.serverTime), update, target, key);
}

async function attempt(
  update: Update,
  target: DnsTarget,
  key: TsigKey,
  time: number,
): Promise<Reply> {
  const request = updateMessage(update, randomId());
  const signed = sign(encodeMessage(request), key, time);
  const accept = (bytes: Buffer) => readReply(bytes, request, signed, key, time);
  try {
    return await exchange(signed.bytes, target, accept);
  } catch (error) {
    throw explainNoAnswer(target, error);
  }
}

/**
 * Accepts an unsigned error, as a server without the key sends it. A success must be signed.
 */
function readReply(
  bytes: Buffer,
  request: DnsMessage,
  signed: SignedMessage,
  key: TsigKey,
  time: number,
): Reply | undefined {
  const message = matchResponse(request, bytes);
  if (!message) return undefined;
  const verdict = verify(bytes, signed.mac, key, time);
  if (verdict.state === "forged") return undefined;
  const trusted = verdict.state !== "unsigned" && verdict.state !== "rejected";
  return trusted || isRefusal(message.rcode) ? { message, verdict } : undefined;
}

function isRefusal(rcode: Rcode): boolean {
  return rcode !== "NOERROR" && !isFailedPrerequisite(rcode);
}

function isFailedPrerequisite(rcode: Rcode): rcode is FailedPrerequisite {
  return failedPrerequisites.some((failed) => failed === rcode);
}

function resultOf(
  { message, verdict }: Reply,
  update: Update,
  target: DnsTarget,
  key: TsigKey,
): UpdateResult {
  const { rcode } = message;
  if (verdict.state === "valid" && rcode === "NOERROR") return { applied: true };
  if (verdict.state === "valid" && isFailedPrerequisite(rcode)) return { applied: false, rcode };
  throw dnsError({ rcode, verdict, zone: update.zone, key, server: target.server });
}
