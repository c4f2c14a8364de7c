import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ReynsError } from "../../errors.ts";

/** Options of Node's `tls.connect`. */
export interface Certificates {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly rejectUnauthorized: boolean;
}

interface CertificateOptions {
  /** Files may be missing: the Engine has a publicly trusted certificate, or requires none of the client. */
  readonly optional: boolean;
  readonly skipVerify: boolean;
}

const names = ["ca", "cert", "key"] as const;

/**
 * Reads `ca.pem`, `cert.pem` and `key.pem` from a folder.
 *
 * @throws ReynsError NO_ENGINE listing all that are missing
 */
export function readCertificates(
  folder: string,
  { optional, skipVerify }: CertificateOptions,
): Certificates {
  const [present, missing] = [true, false].map((exists) =>
    names.filter((name) => existsSync(join(folder, `${name}.pem`)) === exists),
  ) as [string[], string[]];
  if (missing.length > 0 && !optional) {
    const files = missing.map((name) => `${name}.pem`).join(", ");
    throw new ReynsError("NO_ENGINE", `TLS certificates missing in ${folder}: ${files}`, {
      hint: "set DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem",
    });
  }
  const contents = present.map(
    (name) => [name, readFileSync(join(folder, `${name}.pem`))] as const,
  );
  return { ...Object.fromEntries(contents), rejectUnauthorized: !skipVerify };
}
