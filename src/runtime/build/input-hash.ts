import { Readable } from "node:stream";
import type { Engine } from "../../docker/client/engine.ts";
import { findImage } from "../../docker/images/images.ts";
import { isOwnTag } from "../../model/build.ts";
import type { BuildImage } from "../../model/build-image.ts";
import { isBundledImage, type ObservedImage } from "../../model/observed.ts";
import { findCachedBuild } from "./cache.ts";

/** Hashes the inputs of a build while they are sent: files that change meanwhile count as they were sent. */
export interface InputHash {
  /** Passes the context on and hashes it. */
  through(context: Readable): Readable;
  digest(): string;
  /** Digest of the context alone. */
  files(): string;
  /** Digest of the same as `digest`, but for the files of bundled images that it builds on. */
  sources(): string;
}

/**
 * Hashes everything that a build is made of; its context has to go `through` the result.
 *
 * @param cacheFile the last builds here
 * @param secrets keyed digests
 * @returns undefined where only the builder can tell: files come from elsewhere, or a base image has to be pulled
 */
export async function prepareInputHash(
  step: BuildImage,
  engine: Engine,
  cacheFile: string,
  secrets: Readonly<Record<string, string>> = {},
): Promise<(() => InputHash) | undefined> {
  if (!step.repeatable) return undefined;
  const own = step.bases.filter((base) => isOwnTag(step, base));
  const given = step.bases.filter((base) => !own.includes(base));
  const bases = await Promise.all(given.map((base) => findImage(engine, base)));
  if (bases.includes(undefined)) return undefined;
  const { dockerfile, target, arguments: values, labels } = step;
  // Where layers come from does not change them.
  const { cacheFrom: _, ...asked } = step.settings ?? {};
  const builder = engine.env["DOCKER_BUILDKIT"];
  const settingsOn = (ids: readonly (string | undefined)[]): string =>
    JSON.stringify({
      ...{ dockerfile, target, values, labels, ids, builder },
      ...(Object.keys(asked).length === 0 ? {} : { asked }),
      ...(Object.keys(secrets).length === 0 ? {} : { secrets }),
    });
  // One that the build replaces is another image after each build.
  const settings = settingsOn([...bases.map((base) => base?.id), ...own]);
  const sources = settingsOn([
    ...bases.map((base, index) => base && sourceOf(given[index] ?? "", base, cacheFile)),
    ...own,
  ]);
  return () => createInputHash(settings, sources);
}

/**
 * Whether a build that takes over the name of its base would start from something else than its own last result: a newer
 * base has been pulled, or the name is gone.
 *
 * @param id of the image that it made last
 */
export async function hasOtherBase(step: BuildImage, engine: Engine, id: string): Promise<boolean> {
  const own = step.bases.filter((base) => isOwnTag(step, base));
  const images = await Promise.all(own.map((base) => findImage(engine, base)));
  return images.some((image) => image?.id !== id);
}

/** What identifies a base image when that of another executable counts as the same. */
function sourceOf(name: string, base: ObservedImage, cacheFile: string): string {
  if (isBundledImage(base)) return name;
  const built = findCachedBuild(cacheFile, name.replace(/:latest$/, ""));
  return (built?.id === base.id ? built.sources : undefined) ?? base.id;
}

function createInputHash(settings: string, sources: string): InputHash {
  const hash = new Bun.CryptoHasher("sha256").update(settings);
  const files = new Bun.CryptoHasher("sha256");
  async function* hashChunks(context: Readable): AsyncGenerator<Uint8Array> {
    for await (const chunk of context as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      files.update(chunk);
      yield chunk;
    }
  }
  return {
    through: (context) => Readable.from(hashChunks(context), { objectMode: false }),
    digest: () => hash.digest("hex"),
    files: () => files.copy().digest("hex"),
    sources: () =>
      new Bun.CryptoHasher("sha256")
        .update(sources)
        .update(files.copy().digest("hex"))
        .digest("hex"),
  };
}
