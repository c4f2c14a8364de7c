import { join } from "node:path";
import { isRecord } from "../../lib/is-record.ts";
import { readUnlinkedJson } from "../../lib/read-regular-file.ts";
import { writeFileAtomic } from "../../lib/write-file-atomic.ts";

/** @param folder the project's `.reyns` */
export function cacheFileIn(folder: string): string {
  return join(folder, "builds.json");
}

/** Result of the last build of an image. */
export interface CachedBuild {
  /** Id of the image. */
  readonly id: string;
  /** Digest of everything that it was made of. */
  readonly inputs: string;
  /** Digest of its context alone, which needs no Engine; not from older versions. */
  readonly files?: string | undefined;
  /** Digest of the same as `inputs`, but for the files of bundled images that it builds on. */
  readonly sources?: string | undefined;
  /** Ids of earlier builds with these `sources`, on the bundled images of other executables. */
  readonly sameAs?: readonly string[];
  /** The `files` of earlier builds, by the ids of their images: another Engine may have one of those. */
  readonly earlier?: Readonly<Record<string, string>> | undefined;
}

/**
 * The last build of an image here. It counts only while the Engine's image has that id and the inputs have that digest,
 * so the file cannot be stale; without it the builder decides.
 */
export function findCachedBuild(file: string, image: string): CachedBuild | undefined {
  const cached = readCache(file)[image];
  if (!isRecord(cached)) return undefined;
  const { id, inputs, files, sources, sameAs, earlier } = cached;
  if (typeof id !== "string" || typeof inputs !== "string") return undefined;
  return {
    id,
    inputs,
    files: typeof files === "string" ? files : undefined,
    sources: typeof sources === "string" ? sources : undefined,
    sameAs: Array.isArray(sameAs) ? sameAs.filter((other) => typeof other === "string") : [],
    earlier: isRecord(earlier) ? onlyStrings(earlier) : {},
  };
}

function onlyStrings(record: Readonly<Record<string, unknown>>): Record<string, string> {
  const entries = Object.entries(record).filter(([, value]) => typeof value === "string");
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Synchronous, because several builds may end at the same time. */
export function cacheBuild(file: string, image: string, build: CachedBuild): void {
  try {
    writeFileAtomic(file, JSON.stringify({ ...readCache(file), [image]: build }));
  } catch {
    // A folder without write access, or a full disk: the builder decides next time.
  }
}

function readCache(file: string): Readonly<Record<string, unknown>> {
  const content = readUnlinkedJson(file);
  return isRecord(content) ? content : {};
}
