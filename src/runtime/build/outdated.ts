import { isGitContext } from "../../model/build.ts";
import type { ServiceFolder } from "../../model/project.ts";
import { findCachedBuild } from "./cache.ts";
import { packFolder } from "./context.ts";

/** Bytes. Reading a larger context would take longer than the run itself. */
const largestContext = 50_000_000;

interface BuiltFrom {
  /** The file with the last builds here. */
  readonly cacheFile: string;
  /** What no context contains. */
  readonly privatePaths: readonly string[];
}

/**
 * Whether the files of a service have changed since its image was built here. False where that is not known: the image
 * comes from elsewhere, or the context is large.
 */
export async function hasChangedSinceBuild(
  { folder, image, build }: ServiceFolder,
  { cacheFile, privatePaths }: BuiltFrom,
): Promise<boolean> {
  const built = findCachedBuild(cacheFile, image)?.files;
  if (built === undefined || folder === undefined || isGitContext(folder)) return false;
  const hash = new Bun.CryptoHasher("sha256");
  let size = 0;
  try {
    const { dockerfile = "Dockerfile", dockerfileInline: dockerfileText } = build ?? {};
    const options = { dockerfile, dockerfileText, privatePaths };
    for await (const chunk of await packFolder(folder, options)) {
      size += (chunk as Buffer).length;
      if (size > largestContext) return false;
      hash.update(chunk as Buffer);
    }
  } catch {
    // The build itself reports what cannot be read.
    return false;
  }
  return hash.digest("hex") !== built;
}
