import type { Engine } from "../../docker/client/engine.ts";
import { findImage } from "../../docker/images/images.ts";
import { labels } from "../../model/labels.ts";
import type { ObservedImage } from "../../model/observed.ts";
import { cacheBuild, findCachedBuild, type CachedBuild } from "./cache.ts";
import type { InputHash } from "./input-hash.ts";

interface FinishedBuild {
  /** Id of the new image. */
  readonly id: string;
  readonly hash: InputHash;
  /** The image that had the name before. */
  readonly existing: ObservedImage | undefined;
  readonly cacheFile: string;
}

/** As many as somebody may have skipped between two runs. */
const maxBuilds = 20;

/** Records what an image was built from, and which earlier builds differ only in the bundled images below them. */
export async function recordBuild(
  image: string,
  { id, hash, existing, cacheFile }: FinishedBuild,
  engine: Engine,
): Promise<void> {
  const sources = hash.sources();
  const former = findCachedBuild(cacheFile, image);
  const isSame = former?.sources === sources && former.id === existing?.id;
  const sameAs =
    former && existing && isSame ? await sameBuilds(id, existing, former.sameAs ?? [], engine) : [];
  const digests = { inputs: hash.digest(), files: hash.files(), sources };
  const earlier = former && earlierBuilds(former, id);
  cacheBuild(cacheFile, image, { id, ...digests, earlier, sameAs: sameAs.slice(-maxBuilds) });
}

/** What the images of former builds were made from, the last ones. */
function earlierBuilds(
  { id, files, earlier }: CachedBuild,
  current: string,
): CachedBuild["earlier"] {
  const all = { ...earlier, ...(files !== undefined && { [id]: files }) };
  const others = Object.entries(all).filter(([other]) => other !== current);
  return Object.fromEntries(others.slice(-maxBuilds));
}

/** A bundled image that was built again by the same executable has newer packages: that is a change. */
async function sameBuilds(
  id: string,
  existing: ObservedImage,
  sameAs: readonly string[],
  engine: Engine,
): Promise<readonly string[]> {
  if (id === existing.id) return sameAs;
  const assets = (await findImage(engine, id))?.labels[labels.assets];
  return assets === existing.labels[labels.assets] ? [] : [...sameAs, existing.id];
}
