import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ReynsError } from "../../errors.ts";

/** What TLS is spoken with, in the words of Node's `tls.connect`. */
export interface Certificates {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly rejectUnauthorized: boolean;
}

interface CertificateOptions {
  /** Files may be missing: the Engine's certificate is then one that everybody trusts, or asks for none. */
  readonly optional: boolean;
  readonly skipVerify: boolean;
}

const names = ["ca", "cert", "key"] as const;

/**
 * Reads `ca.pem`, `cert.pem` and `key.pem` of a folder.
 *
 * @throws ReynsError NO_ENGINE with all that are missing
 */
export function readCertificates(
  folder: string,
  { optional, skipVerify }: CertificateOptions,
): Certificates {
  const there = names.filter((name) => existsSync(join(folder, `${name}.pem`)));
  const missing = names.filter((name) => !there.includes(name)).map((name) => `${name}.pem`);
  if (missing.length > 0 && !optional) {
    const lack = `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not in ${folder}`;
    throw new ReynsError("NO_ENGINE", `no certificates for the Engine: ${lack}`, {
      hint: "DOCKER_CERT_PATH names the folder with ca.pem, cert.pem and key.pem",
    });
  }
  const read = there.map((name) => [name, readFileSync(join(folder, `${name}.pem`))] as const);
  return { ...Object.fromEntries(read), rejectUnauthorized: !skipVerify };
}
