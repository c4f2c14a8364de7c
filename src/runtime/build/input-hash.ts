import { Readable } from "node:stream";
import type { Engine } from "../../docker/client/engine.ts";
import { findImage } from "../../docker/images/images.ts";
import type { BuildImage } from "../../model/build-image.ts";

/** Hashes the inputs of a build while they are sent: files that change meanwhile count as they were sent. */
export interface InputHash {
  /** Passes the context on and hashes it. */
  through(context: Readable): Readable;
  digest(): string;
  /** Digest of the context alone. */
  files(): string;
}

/**
 * Hashes everything that a build is made of; its context has to go `through` the result.
 *
 * @param secrets keyed digests
 * @returns undefined where only the builder can tell: files come from elsewhere, or a base image has to be pulled
 */
export async function prepareInputHash(
  step: BuildImage,
  engine: Engine,
  secrets: Readonly<Record<string, string>> = {},
): Promise<(() => InputHash) | undefined> {
  if (!step.repeatable) return undefined;
  const bases = await Promise.all(step.bases.map((base) => findImage(engine, base)));
  if (bases.includes(undefined)) return undefined;
  const { dockerfile, target, arguments: values, labels } = step;
  // Where layers come from does not change them.
  const { cacheFrom: _, ...asked } = step.settings ?? {};
  const ids = bases.map((base) => base?.id);
  const builder = engine.env["DOCKER_BUILDKIT"];
  const settings = JSON.stringify({
    ...{ dockerfile, target, values, labels, ids, builder },
    ...(Object.keys(asked).length === 0 ? {} : { asked }),
    ...(Object.keys(secrets).length === 0 ? {} : { secrets }),
  });
  return () => createInputHash(settings);
}

function createInputHash(settings: string): InputHash {
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
    files: () => files.digest("hex"),
  };
}
