import { readFileSync, writeFileSync } from "node:fs";
import { isRecord } from "../../lib/is-record.ts";

/** Result of the last build of an image. */
export interface CachedBuild {
  /** Id of the image. */
  readonly id: string;
  /** Digest of everything that it was made of. */
  readonly inputs: string;
}

/**
 * The last build of an image here. It counts only while the Engine's image has that id and the inputs have that digest,
 * so the file cannot be stale; without it the builder decides.
 */
export function findCachedBuild(file: string, image: string): CachedBuild | undefined {
  const cached = readCache(file)[image];
  if (!isRecord(cached)) return undefined;
  const { id, inputs } = cached;
  return typeof id === "string" && typeof inputs === "string" ? { id, inputs } : undefined;
}

/** Synchronous, because several builds may end at the same time. */
export function cacheBuild(file: string, image: string, build: CachedBuild): void {
  try {
    writeFileSync(file, JSON.stringify({ ...readCache(file), [image]: build }));
  } catch {
    // A folder without write access, or a full disk: the builder decides next time.
  }
}

function readCache(file: string): Readonly<Record<string, unknown>> {
  try {
    const content: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isRecord(content) ? content : {};
  } catch {
    return {};
  }
}
