import type { Engine } from "../../docker/client/engine.ts";
import { findImage } from "../../docker/images/images.ts";

/** Those of the images, by id or name, that the Engine does not have. */
export async function findMissingImages(
  engine: Engine,
  images: readonly string[],
): Promise<Set<string>> {
  const names = [...new Set(images)];
  const found = await Promise.all(names.map((name) => findImage(engine, name)));
  return new Set(names.filter((_, index) => found[index] === undefined));
}
