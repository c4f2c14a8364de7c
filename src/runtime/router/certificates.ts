import { X509Certificate } from "node:crypto";
import { posix } from "node:path";
import { Readable } from "node:stream";
import { extract } from "tar-stream";
import { readArchive, statPath } from "../../docker/containers/archive.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { ReynsError } from "../../errors.ts";
import type { RouteCertificate } from "../../model/route-certificates.ts";

/** Caddy's folder of certificates on the router's volume: ISSUER/HOST/HOST.crt. */
const folder = "/var/lib/caddy/certificates";

/** Bytes of a file; a chain of certificates has less than ten thousand. */
const longest = 65_536;

/**
 * Reads the certificates of a router, which need not run; the newest of each host, by its name. What is there may be anything, and is
 * no certificate then.
 */
export async function readCertificates(
  engine: Engine,
  container: string,
): Promise<Map<string, RouteCertificate>> {
  if (!(await statPath(engine, container, folder))) return new Map();
  const found = new Map<string, RouteCertificate>();
  for await (const certificate of certificatesIn(engine, container)) {
    const known = found.get(certificate.host);
    if (!known || known.expiresAt < certificate.expiresAt) found.set(certificate.host, certificate);
  }
  return found;
}

async function* certificatesIn(
  engine: Engine,
  container: string,
): AsyncGenerator<RouteCertificate> {
  const reader = extract();
  const over = new AbortController();
  const source = Readable.from(readArchive(engine, container, folder, over.signal));
  source.on("error", (error) => reader.destroy(error)).pipe(reader);
  try {
    for await (const entry of reader) {
      const { name, size } = entry.header;
      const isWanted = name.endsWith(".crt") && size <= longest;
      const content = await readEntry(entry as AsyncIterable<Uint8Array>, isWanted);
      const certificate = parseCertificate(posix.basename(name, ".crt"), content);
      if (certificate) yield certificate;
    }
  } catch (error) {
    if (error instanceof ReynsError) throw error;
  } finally {
    over.abort();
    source.destroy();
  }
}

/** Reads on to the next one, and keeps only what is wanted. */
async function readEntry(entry: AsyncIterable<Uint8Array>, isWanted: boolean): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry) if (isWanted) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Undefined for a file that is being written, and for what is none. */
function parseCertificate(host: string, content: Buffer): RouteCertificate | undefined {
  try {
    const { issuer, validFromDate, validToDate } = new X509Certificate(content);
    return { host, issuer: nameOf(issuer), issuedAt: validFromDate, expiresAt: validToDate };
  } catch {
    return undefined;
  }
}

/** The organization of an issuer, such as "Let's Encrypt", else its common name. */
function nameOf(issuer: string): string {
  const partOf = (key: string): string | undefined =>
    new RegExp(`^${key}=(.+)$`, "m").exec(issuer)?.[1];
  return partOf("O") ?? partOf("CN") ?? "";
}
