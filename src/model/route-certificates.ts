/** The certificate that a router has for a host. */
export interface RouteCertificate {
  readonly host: string;
  /** The issuer's own name: "Let's Encrypt". */
  readonly issuer: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Why a host has no certificate, or no newer one. */
export interface IssueFailure {
  readonly host: string;
  /** In plain words, with what to do. */
  readonly reason: string;
  /** As the router's log has it. */
  readonly message: string;
  readonly at: Date;
}

/** A router renews when a third of the time is left; with less than a fifth left, renewal is overdue. */
const overdueShare = 1 / 5;

type CertificateState = "ok" | "overdue" | "expired";

/** A host that a router serves over HTTPS. */
export interface HostCertificate {
  readonly host: string;
  readonly certificate: RouteCertificate | undefined;
  /** Of the last attempt to get one, or a newer one. */
  readonly failure: IssueFailure | undefined;
  readonly state: CertificateState | "missing";
}

/** What is wrong with the certificate of a host, in one line; undefined when all is well. */
export function describeCertificateProblem({
  host,
  certificate,
  failure,
  state,
}: HostCertificate): string | undefined {
  const reason = failure ? `: ${failure.reason}` : "";
  const until = certificate?.expiresAt.toISOString().slice(0, 10);
  switch (state) {
    case "ok":
      return undefined;
    case "overdue":
      return `the certificate of ${host} expires on ${until} and has not been renewed${reason}`;
    case "expired":
      return `the certificate of ${host} expired on ${until}${reason}`;
    case "missing":
      return `${host} has no certificate yet${reason}`;
  }
}

/** Overdue: the router should have got a newer one by now. */
export function stateOfCertificate(
  { issuedAt, expiresAt }: Pick<RouteCertificate, "issuedAt" | "expiresAt">,
  now: Date,
): CertificateState {
  const left = expiresAt.getTime() - now.getTime();
  if (left <= 0) return "expired";
  const whole = expiresAt.getTime() - issuedAt.getTime();
  return left < whole * overdueShare ? "overdue" : "ok";
}
