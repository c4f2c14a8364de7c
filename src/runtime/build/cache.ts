import { readFileSync, writeFileSync } from "node:fs";
import { isRecord } from "../../lib/is-record.ts";

/** What came out of a build. */
export interface CachedBuild {
  /** The image's. */
  readonly id: string;
  /** Digest of all that it was made of. */
  readonly inputs: string;
}

/**
 * What the last build of an image here was made of. It counts only while the Engine's image has that id and the inputs
 * have that digest, so that no such file can be stale; without it the builder is asked.
 */
export function findCachedBuild(file: string, image: string): CachedBuild | undefined {
  const known = readCache(file)[image];
  if (!isRecord(known)) return undefined;
  const { id, inputs } = known;
  return typeof id === "string" && typeof inputs === "string" ? { id, inputs } : undefined;
}

/** At once, as builds end beside each other. Where it cannot be kept, or only a part of it, the builder is asked again. */
export function cacheBuild(file: string, image: string, build: CachedBuild): void {
  try {
    writeFileSync(file, JSON.stringify({ ...readCache(file), [image]: build }));
  } catch {
    // A folder that this user may not write to, or a full disk.
  }
}

function readCache(file: string): Readonly<Record<string, unknown>> {
  try {
    const known: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isRecord(known) ? known : {};
  } catch {
    return {};
  }
}
