import { Readable } from "node:stream";
import type { Engine } from "../../docker/client/connect.ts";
import { findImage } from "../../docker/images/images.ts";
import type { BuildImage } from "../../model/steps.ts";

/** Takes the digest of what a build is made of: the files are those that went through it, not what lies there later. */
export interface InputHash {
  /** The same bytes, counted in. */
  through(context: Readable): Readable;
  digest(): string;
}

/**
 * All that a build is made of but the files of its context, which have to go `through`.
 *
 * @returns undefined where only the builder can tell: something comes from elsewhere, or a base has to be pulled
 */
export async function prepareInputHash(
  step: BuildImage,
  engine: Engine,
): Promise<(() => InputHash) | undefined> {
  if (!step.repeatable) return undefined;
  const bases = await Promise.all(step.bases.map((base) => findImage(engine, base)));
  if (bases.includes(undefined)) return undefined;
  const { dockerfile, target, arguments: values, labels } = step;
  const ids = bases.map((base) => base?.id);
  const builder = engine.env["DOCKER_BUILDKIT"];
  return () =>
    createInputHash(JSON.stringify({ dockerfile, target, values, labels, ids, builder }));
}

function createInputHash(beginning: string): InputHash {
  const hash = new Bun.CryptoHasher("sha256").update(beginning);
  async function* counted(context: Readable): AsyncGenerator<Uint8Array> {
    for await (const chunk of context as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      yield chunk;
    }
  }
  return {
    through: (context) => Readable.from(counted(context), { objectMode: false }),
    digest: () => hash.digest("hex"),
  };
}
