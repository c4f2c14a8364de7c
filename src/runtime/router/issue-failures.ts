import type { Engine } from "../../docker/client/engine.ts";
import { readLog } from "../../docker/streams/read-log.ts";
import { isRecord } from "../../lib/is-record.ts";
import { parseJson } from "../../lib/parse-json.ts";
import type { IssueFailure } from "../../model/route-certificates.ts";

/** Lines of the log that are looked at. */
const tail = 2000;

/** The last failure of each host to get a certificate, as the router's log has it. */
export async function readIssueFailures(
  engine: Engine,
  id: string,
): Promise<Map<string, IssueFailure>> {
  const failures = new Map<string, IssueFailure>();
  await readLog(engine, id, { follow: false, tail }, ({ text }) => {
    const failure = parseIssueFailure(text);
    if (failure) failures.set(failure.host, failure);
  });
  return failures;
}

/** Reads a line of Caddy's log. Returns undefined for all other lines. */
export function parseIssueFailure(line: string): IssueFailure | undefined {
  if (!line.includes("could not get certificate from issuer")) return undefined;
  const entry = parseJson(line);
  if (!isRecord(entry)) return undefined;
  const { identifier, error, ts } = entry;
  if (typeof identifier !== "string" || typeof error !== "string") return undefined;
  const at = new Date(typeof ts === "number" ? ts * 1000 : 0);
  return { host: identifier, reason: explain(error), message: error, at };
}

/** What stands in an error of Caddy -> in plain words. ACME's types: RFC 8555, 6.7. */
const explanations: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/acme:error:rateLimited/, "the authority's rate limit is reached: try again later"],
  [
    /acme:error:dns/,
    "the authority does not find the host's address: its name must lead to this machine",
  ],
  [
    /acme:error:connection/,
    "the authority cannot connect to the host: ports 80 and 443 must lead to this machine",
  ],
  [
    /acme:error:(?:unauthorized|incorrectResponse)/,
    "another server answers for the host: its name must lead to this machine",
  ],
  [/acme:error:caa/, "a CAA record of the domain forbids the authority to issue certificates"],
  [/acme:error:rejectedIdentifier/, "the authority issues no certificates for such a name"],
  [/acme:error:externalAccountRequired/, "the authority accepts registered accounts only"],
  [
    /acme:error:(?:invalidContact|unsupportedContact)/,
    "the authority refuses the e-mail address: router({ email })",
  ],
  [
    /x509: |tls: failed to verify/,
    "the ACME server's own certificate is not trusted: router({ acmeRoot })",
  ],
  [/no such host|server misbehaving/, "the name of the ACME server is unknown: router({ acme })"],
  [
    /connection refused|i\/o timeout|no route to host|deadline exceeded|network is unreachable/,
    "the ACME server cannot be reached",
  ],
];

function explain(error: string): string {
  const found = explanations.find(([pattern]) => pattern.test(error));
  return found?.[1] ?? "the authority did not issue a certificate";
}
