import { dirname, join } from "node:path/posix";
import type { Header } from "tar-stream";
import { exportImages } from "../../docker/images/image-archive.ts";
import { readTarEntries } from "../../lib/tar-entries.ts";
import { savedEntries } from "../../model/saved-project.ts";
import type { Engine } from "../connect.ts";
import type { SavedWriter } from "./writer.ts";

/** What an Engine's export consists of, once its large files are written. */
export interface ExportedImages {
  /** By their paths in the export: what was written, or left out. */
  readonly large: ReadonlyMap<string, ExportedBlob>;
  /** By their paths: contents that are not written yet. */
  readonly small: ReadonlyMap<string, Buffer>;
  /** Links of the export: path -> path. */
  readonly links: ReadonlyMap<string, string>;
}

export interface ExportedBlob {
  readonly digest: string;
  readonly size: number;
  readonly isLeftOut: boolean;
}

interface ExportOptions {
  readonly names: readonly string[];
  /** Their ids: a configuration is kept in memory, however large it is. */
  readonly ids: ReadonlySet<string>;
  readonly isLeftOut: (digest: string) => boolean;
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** Bytes up to which a file is kept in memory: configurations and manifests, and layers that are as small. */
const smallFile = 128 * 1024;

/** What Docker 24 and older add to each layer for still older Engines. */
const isForOldEngines = (name: string): boolean =>
  /(?:\/(?:VERSION|json)|^repositories)$/.test(name);

/**
 * Reads the images from the Engine and writes their layers as blobs, each once and named by its digest.
 *
 * @throws ReynsError NO_ENGINE, ENGINE_REFUSED
 */
export async function writeImages(
  engine: Engine,
  writer: Pick<SavedWriter, "addFile">,
  { names, ids, isLeftOut, onBytes, signal }: ExportOptions,
): Promise<ExportedImages> {
  const exported = { large: new Map<string, ExportedBlob>(), small: new Map<string, Buffer>() };
  const links = new Map<string, string>();
  const written = new Set<string>();
  const nameFor = (digest: string): string | undefined => {
    if (isLeftOut(digest) || written.has(digest)) return undefined;
    written.add(digest);
    return blobName(digest);
  };
  const source = counted(exportImages(engine, names, signal), onBytes);
  for await (const { header, content } of readTarEntries(source)) {
    const { name, type, size } = header;
    if (type === "symlink" || type === "link") links.set(name, linkedPath(header));
    if (type !== "file" || isForOldEngines(name)) continue;
    if (size <= smallFile || isConfigOf(name, ids)) {
      exported.small.set(name, Buffer.concat(await Array.fromAsync(content)));
      continue;
    }
    const named = digestIn(name);
    if (named !== undefined && isLeftOut(named)) {
      exported.large.set(name, { digest: named, size, isLeftOut: true });
      continue;
    }
    const digest = await writer.addFile({ name: nameFor, size }, content);
    exported.large.set(name, { digest, size, isLeftOut: !written.has(digest) });
  }
  return { ...exported, links };
}

/** Docker 24 and older link a layer that an image has on top of others to the same one elsewhere. */
function linkedPath({ name, type, linkname }: Header): string {
  return type === "link" ? linkname : join(dirname(name), linkname);
}

function isConfigOf(name: string, ids: ReadonlySet<string>): boolean {
  return ids.has(`sha256:${name.replace(/^.*\/|\.json$/g, "")}`);
}

/** Docker 25 and newer name a content by its digest: one that is left out need not be read. */
function digestIn(path: string): string | undefined {
  const hash = /^blobs\/sha256\/([\da-f]{64})$/.exec(path)?.[1];
  return hash === undefined ? undefined : `sha256:${hash}`;
}

export function blobName(digest: string): string {
  return savedEntries.blobs + digest.replace(/^sha256:/, "");
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const chunk of bytes) {
    yield chunk;
    onBytes((done += chunk.length));
  }
}
