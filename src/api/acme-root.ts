import { X509Certificate } from "node:crypto";
import { inside, invalidProject, type ReynsError, type Place } from "../errors.ts";
import type { ContainerFile } from "../model/container-files.ts";
import { acmeRootFile } from "../model/routes.ts";

/** Finds an `acmeRoot` that is no certificate of an authority, with which Caddy would not start. */
export function checkAcmeRoot(files: readonly ContainerFile[], at: Place): ReynsError[] {
  const file = files.find(({ path }) => path === acmeRootFile);
  if (!file || isAuthority(Buffer.from(file.content, "base64"))) return [];
  const hint = 'write file("./root.crt"), with the certificate of an authority in PEM';
  return [invalidProject("acmeRoot is not a root certificate", hint, inside(at, "acmeRoot"))];
}

function isAuthority(content: Buffer): boolean {
  try {
    return new X509Certificate(content).ca;
  } catch {
    return false;
  }
}
