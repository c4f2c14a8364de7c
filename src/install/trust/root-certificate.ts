import { X509Certificate } from "node:crypto";
import { ReynsError } from "../../errors.ts";
import { isPrivateName } from "../../model/private-names.ts";
import { readNameConstraints } from "./name-constraints.ts";

/** The root certificate of a router's own authority. */
export interface RootCertificate {
  readonly pem: string;
  /** SHA-256 of the certificate, in hexadecimal. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly expiresAt: Date;
  /** The ends of the names that it may certify. */
  readonly names: readonly string[];
}

/** Bytes; a root certificate has less than one thousand. */
const longestCertificate = 16_384;

/** Servers only: the object identifier of id-kp-serverAuth (RFC 5280, 4.2.1.12). */
const serverOnly = "1.3.6.1.5.5.7.3.1";

/** Address and mask of loopback and of private networks: RFC 1918, RFC 4193. */
const privateAddresses: ReadonlySet<string> = new Set([
  "7f000000ff000000",
  "0a000000ff000000",
  "ac100000fff00000",
  "c0a80000ffff0000",
  `${"0".repeat(31)}1${"f".repeat(32)}`,
  `fc${"0".repeat(30)}fe${"0".repeat(30)}`,
]);

/**
 * Reads a root certificate that a router gave, which may be anything.
 *
 * @throws ReynsError CERTIFICATE_REFUSED for one that could do more than certify servers with private names
 */
export function parseRootCertificate(pem: string, now = new Date()): RootCertificate {
  const isOne = /^-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/;
  if (pem.length > longestCertificate || !isOne.test(pem))
    throw refused("it is not one certificate in PEM");
  try {
    return readRoot(new X509Certificate(pem), now);
  } catch (error) {
    if (error instanceof ReynsError) throw error;
    // Any step may meet bytes that mean nothing.
    throw refused("it cannot be read", error);
  }
}

function readRoot(certificate: X509Certificate, now: Date): RootCertificate {
  const reason = refusalOf(certificate, now) ?? limitRefusalOf(certificate);
  if (reason !== undefined) throw refused(reason);
  return {
    pem: certificate.toString(),
    fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
    subject: /^CN=(.+)$/m.exec(certificate.subject)?.[1] ?? "",
    expiresAt: certificate.validToDate,
    names: readNameConstraints(certificate)?.names ?? [],
  };
}

function refusalOf(certificate: X509Certificate, now: Date): string | undefined {
  if (!certificate.ca) return "it is not a CA certificate";
  if (!certificate.checkIssued(certificate) || !certificate.verify(certificate.publicKey))
    return "it is not self-signed";
  if (certificate.validToDate <= now) return `it has expired: ${certificate.validTo}`;
  if (certificate.validFromDate > now) return `it is not valid before ${certificate.validFrom}`;
  const uses = certificate.keyUsage;
  return uses?.length === 1 && uses[0] === serverOnly
    ? undefined
    : "it is not restricted to server certificates";
}

/** Why the limits of an authority do not do. */
function limitRefusalOf(certificate: X509Certificate): string | undefined {
  const { names, addresses } = readNameConstraints(certificate) ?? { names: [], addresses: [] };
  if (names.length === 0 || addresses.length === 0) return "it is not limited to private names";
  const foreign = names.find((name) => !/^[\w.-]+$/.test(name) || !isPrivateName(name));
  if (foreign !== undefined) return `it may certify "${foreign}", which is not a private name`;
  if (!addresses.every((address) => privateAddresses.has(address)))
    return "it may certify public addresses";
  return undefined;
}

function refused(reason: string, cause?: unknown): ReynsError {
  const hint =
    "nothing was changed; to make a new authority, remove the router's volume (see reyns volumes) and run it again";
  const message = `refusing the router's root certificate: ${reason}`;
  return new ReynsError("CERTIFICATE_REFUSED", message, { hint, cause });
}
