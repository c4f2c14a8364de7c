import { X509Certificate } from "node:crypto";
import { posix } from "node:path";
import { extract } from "tar-stream";
import { readArchive, statPath } from "../../docker/containers/archive.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { ReynsError } from "../../errors.ts";

/** The certificate that the router has for a host. */
export interface RouterCertificate {
  readonly host: string;
  /** Common name, or organization, of who has issued it. */
  readonly issuer: string;
  readonly expires: Date;
}

/** Caddy's folder of certificates on the router's volume: ISSUER/HOST/HOST.crt. */
const folder = "/var/lib/caddy/certificates";

/** Bytes of a file; a chain of certificates has less than ten thousand. */
const longest = 65_536;

/**
 * Reads the certificates of a router, which need not run; the newest of each host. What is there may be anything, and is
 * no certificate then.
 */
export async function readCertificates(
  engine: Engine,
  container: string,
): Promise<RouterCertificate[]> {
  if (!(await statPath(engine, container, folder))) return [];
  const found = new Map<string, RouterCertificate>();
  for await (const certificate of certificatesIn(engine, container)) {
    const known = found.get(certificate.host);
    if (!known || known.expires < certificate.expires) found.set(certificate.host, certificate);
  }
  return [...found.values()];
}

async function* certificatesIn(
  engine: Engine,
  container: string,
): AsyncGenerator<RouterCertificate> {
  const reader = extract();
  const over = new AbortController();
  const unpacked = unpack(reader, readArchive(engine, container, folder, over.signal));
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
    await unpacked;
  }
}

/** Reads on to the next one, and keeps only what is wanted. */
async function readEntry(entry: AsyncIterable<Uint8Array>, isWanted: boolean): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry) if (isWanted) chunks.push(chunk);
  return Buffer.concat(chunks);
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
