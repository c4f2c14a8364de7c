import { ReynsError } from "../../errors.ts";
import type { Rcode } from "../wire/message.ts";
import type { Verdict } from "../tsig/tsig.ts";
import type { TsigKey } from "../tsig/key.ts";

/** What a DNS said instead of doing what it was asked for. */
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

/** A refusal in words for people: ReynsError DNS_REFUSED. */
export function dnsError(refused: RefusedRequest): ReynsError {
  const { message, hint } = explain(refused);
  return new ReynsError("DNS_REFUSED", `the DNS at ${refused.server} ${message}`, { hint });
}

function explain({ rcode, verdict, zone, key }: RefusedRequest): Explanation {
  if (verdict.state === "bad-time")
    return { message: "does not accept even its own time (BADTIME)" };
  if (verdict.state === "rejected") {
    const what = verdict.error === "BADKEY" ? "does not know" : "has another secret for";
    const hint =
      'these are not the keys of the DNS: "reyns keys export" on the machine that runs it, "reyns keys import" here, and rerun; if it runs here, with older keys: "reyns rerun all"';
    return { message: `${what} the key "${key.name}" (${verdict.error})`, hint };
  }
  return explanations[rcode]?.(zone) ?? { message: `does not do it for ${zone}: it says ${rcode}` };
}

const explanations: { readonly [rcode in Rcode]?: (zone: string) => Explanation } = {
  NOTAUTH: (zone) => ({
    message: `does not serve ${zone} (NOTAUTH)`,
    hint: "is it the project's own DNS, with the same zone name?",
  }),
  NOTZONE: (zone) => ({
    message: `finds a name in the update that lies outside ${zone} (NOTZONE)`,
  }),
  REFUSED: (zone) => ({
    message: `does not allow this key to do this in ${zone} (REFUSED)`,
    hint: "the zone's own settings say what is allowed: is it the project's own DNS?",
  }),
  SERVFAIL: (zone) => ({
    message: `failed in ${zone} (SERVFAIL)`,
    hint: "see reyns logs reyns-dns",
  }),
};
