import { isGitContext } from "../../model/build.ts";
import type { ServiceFolder } from "../../model/project.ts";
import { findCachedBuild, type CachedBuild } from "./cache.ts";
import { packFolder, type ContextOptions } from "./context.ts";

/** Bytes. Reading a larger context would take longer than the run itself. */
const largestContext = 50_000_000;

interface BuiltFrom {
  /** The file with the last builds here. */
  readonly cacheFile: string;
  /** What no context contains. */
  readonly privatePaths: readonly string[];
  /** Looks up the image that the Engine has under a name; several Engines may have different builds. */
  readonly imageId?: ((image: string) => Promise<string | undefined>) | undefined;
}

/**
 * Whether the files of a service have changed since its image was built here, those of additional contexts included.
 * False where that is not known: the image comes from elsewhere, or the context is large.
 */
export async function hasChangedSinceBuild(
  { folder, image, build, dockerfileText, addedStages }: ServiceFolder,
  { cacheFile, privatePaths, imageId }: BuiltFrom,
): Promise<boolean> {
  if (folder === undefined || isGitContext(folder)) return false;
  const { dockerfile = "Dockerfile" } = build ?? {};
  const sources = [
    { image, folder, options: { dockerfile, dockerfileText, privatePaths } },
    ...(addedStages?.folders ?? []).map((added) => ({ ...added, options: { privatePaths } })),
  ];
  for (const source of sources) {
    const built = await filesOf(findCachedBuild(cacheFile, source.image), () =>
      imageId?.(source.image),
    );
    const found = built === undefined ? built : await digestFiles(source.folder, source.options);
    if (found !== undefined && found !== built) return true;
  }
  return false;
}

/** What the Engine's image was made from; that of the last build where another program has made it. */
async function filesOf(
  last: CachedBuild | undefined,
  findId: () => Promise<string | undefined> | undefined,
): Promise<string | undefined> {
  const { files, earlier = {} } = last ?? {};
  const isKnown = Object.values(earlier).every((other) => other === files);
  if (isKnown) return files;
  const id = await findId();
  return earlier[id ?? ""] ?? files;
}

/** Undefined for a large context, and for one that cannot be read, which the build itself reports. */
async function digestFiles(folder: string, options: ContextOptions): Promise<string | undefined> {
  const hash = new Bun.CryptoHasher("sha256");
  let size = 0;
  try {
    for await (const chunk of await packFolder(folder, options)) {
      size += (chunk as Buffer).length;
      if (size > largestContext) return undefined;
      hash.update(chunk as Buffer);
    }
  } catch {
    return undefined;
  }
  return hash.digest("hex");
}
