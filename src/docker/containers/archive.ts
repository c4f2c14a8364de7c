import { translateError, errorStatus } from "../client/errors.ts";
import { protocolError } from "../client/http-error.ts";
import { isRecord } from "../../lib/is-record.ts";
import { parseJson } from "../../lib/parse-json.ts";
import type { Engine } from "../client/engine.ts";
import { requestResponse } from "../client/request.ts";
import { downloadTar, toStream } from "../client/tar-transfer.ts";

/** What lies at a path of a container. */
export interface PathStat {
  readonly kind: "folder" | "link" | "other";
  /** Bytes. */
  readonly size: number;
  /** Where a link leads, from the container's root. */
  readonly linkTarget: string;
}

/** Bits of Go's FileMode. */
const modeBits = { folder: 2 ** 31, link: 2 ** 27 };

/**
 * Looks at a path of a container, which need not run. A link at its end is not followed.
 *
 * @returns undefined when there is nothing
 * @see https://docs.docker.com/reference/api/engine/ (get information about files in a container)
 */
export async function statPath(
  engine: Engine,
  id: string,
  path: string,
): Promise<PathStat | undefined> {
  try {
    const { headers } = await requestResponse(engine, {
      method: "HEAD",
      path: archivePath(id, { path }),
    });
    return readStat(headers.get("X-Docker-Container-Path-Stat") ?? "");
  } catch (error) {
    if (errorStatus(error) === 404) return undefined;
    throw translateError(engine, error);
  }
}

function readStat(encoded: string): PathStat {
  const stat = parseJson(Buffer.from(encoded, "base64").toString());
  if (!isRecord(stat)) throw protocolError("its answer is none of Docker's API");
  const { mode, size, linkTarget } = stat;
  const has = (bit: number): boolean => Math.floor(Number(mode) / bit) % 2 === 1;
  const kinds = ["folder", "link"] as const;
  const kind = kinds.find((name) => has(modeBits[name])) ?? "other";
  return { kind, size: Number(size), linkTarget: String(linkTarget) };
}

/**
 * Reads a path of a container as a tar, whose first entry is that path.
 *
 * @throws ReynsError NO_ENGINE also when the tar breaks off, ENGINE_REFUSED
 */
export function readArchive(
  engine: Engine,
  id: string,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  return downloadTar(engine, archivePath(id, { path }), signal);
}

interface ArchiveTarget {
  /** A folder of the container. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unpacks a tar into a folder of a container, which need not run. A folder never replaces a file, nor a file a folder.
 *
 * @throws ReynsError ENGINE_REFUSED when there is no such folder, or it is read-only
 */
export async function writeArchive(
  engine: Engine,
  id: string,
  { folder, signal }: ArchiveTarget,
  archive: AsyncIterable<Uint8Array>,
): Promise<void> {
  const path = archivePath(id, { path: folder, noOverwriteDirNonDir: "true" });
  const body = toStream(archive);
  const response = await requestResponse(engine, { method: "PUT", path, body, signal });
  await response.arrayBuffer();
}

function archivePath(id: string, query: Readonly<Record<string, string>>): string {
  return `/containers/${id}/archive?${new URLSearchParams(query).toString()}`;
}
