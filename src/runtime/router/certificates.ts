import { X509Certificate } from "node:crypto";
import { posix } from "node:path";
import { extract } from "tar-stream";
import { readArchive, statPath } from "../../docker/containers/archive.ts";
import type { Engine } from "../../docker/client/engine.ts";

/** The certificate that the router has for a host. */
export interface RouterCertificate {
  readonly host: string;
  /** Common name, or organization, of who has issued it. */
  readonly issuer: string;
  readonly expires: Date;
}

/** Caddy's folder of certificates on the router's volume: ISSUER/HOST/HOST.crt. */
const folder = "/var/lib/caddy/certificates";

/** Reads the certificates of a router, which need not run; the newest of each host. */
export async function readCertificates(
  engine: Engine,
  container: string,
): Promise<RouterCertificate[]> {
  if (!(await statPath(engine, container, folder))) return [];
  const reader = extract();
  const never = new AbortController().signal;
  const unpacked = unpack(reader, readArchive(engine, container, folder, never));
  const found = new Map<string, RouterCertificate>();
  for await (const entry of reader) {
    const content = Buffer.concat(await Array.fromAsync(entry as AsyncIterable<Uint8Array>));
    const certificate = entry.header.name.endsWith(".crt")
      ? parseCertificate(posix.basename(entry.header.name, ".crt"), content)
      : undefined;
    const known = certificate && found.get(certificate.host);
    if (certificate && !(known && known.expires > certificate.expires))
      found.set(certificate.host, certificate);
  }
  await unpacked;
  return [...found.values()];
}

async function unpack(
  reader: ReturnType<typeof extract>,
  archive: AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    for await (const chunk of archive) reader.write(chunk);
    reader.end(Buffer.alloc(0));
  } catch (error) {
    reader.destroy(error as Error);
  }
}

/** Undefined for a file that is being written. */
function parseCertificate(host: string, content: Buffer): RouterCertificate | undefined {
  try {
    const { issuer, validTo } = new X509Certificate(content);
    const names = new Map(issuer.split("\n").map((line) => line.split("=", 2) as [string, string]));
    const name = names.get("CN") ?? names.get("O") ?? issuer;
    return { host, issuer: name, expires: new Date(validTo) };
  } catch {
    return undefined;
  }
}
