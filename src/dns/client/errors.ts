import { ReynsError } from "../../errors.ts";
import type { Rcode } from "../wire/message.ts";
import type { Verdict } from "../tsig/tsig.ts";
import type { TsigKey } from "../tsig/key.ts";

/** A request that a DNS server refused. */
interface RefusedRequest {
  readonly server: string;
  readonly zone: string;
  readonly key: TsigKey;
  readonly rcode: Rcode;
  readonly verdict: Verdict;
}

interface Explanation {
  readonly message: string;
  readonly hint?: string;
}

/** Creates a ReynsError DNS_REFUSED. */
export function dnsError(refused: RefusedRequest): ReynsError {
  const { message, hint } = explain(refused);
  return new ReynsError("DNS_REFUSED", `the DNS at ${refused.server} ${message}`, { hint });
}

function explain({ rcode, verdict, zone, key }: RefusedRequest): Explanation {
  if (verdict.state === "bad-time")
    return { message: "rejects the time of a signature, even its own (BADTIME)" };
  if (verdict.state === "rejected") {
    const problem = verdict.error === "BADKEY" ? "does not know" : "has another secret for";
    const hint =
      'copy the keys of the DNS: "reyns keys export" on the machine that runs it, "reyns keys import" here, then rerun; if it runs on this machine with older keys: "reyns rerun all"';
    return { message: `${problem} the key "${key.name}" (${verdict.error})`, hint };
  }
  return explanations[rcode]?.(zone) ?? { message: `refused the request for ${zone} (${rcode})` };
}

const explanations: { readonly [rcode in Rcode]?: (zone: string) => Explanation } = {
  NOTAUTH: (zone) => ({
    message: `does not serve ${zone} (NOTAUTH)`,
    hint: "check that it is the project's own DNS and has the same zone name",
  }),
  NOTZONE: (zone) => ({
    message: `rejects a name outside ${zone} (NOTZONE)`,
  }),
  REFUSED: (zone) => ({
    message: `does not allow this with this key in ${zone} (REFUSED)`,
    hint: "check that it is the project's own DNS; the zone's settings define what is allowed",
  }),
  SERVFAIL: (zone) => ({
    message: `failed in ${zone} (SERVFAIL)`,
    hint: "see reyns logs reyns-dns",
  }),
};
