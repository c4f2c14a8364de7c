import { findImageDetails, type ImageDetails } from "../../docker/images/images.ts";
import type { Engine } from "../connect.ts";

export type { ImageDetails };

/** Name -> image, for those of the names that the Engine has. */
export async function observeImages(
  engine: Engine,
  names: readonly string[],
): Promise<Map<string, ImageDetails>> {
  const unique = [...new Set(names)];
  const found = await Promise.all(unique.map((name) => findImageDetails(engine, name)));
  return new Map(
    found.flatMap((image, index) => (image ? [[unique[index] ?? "", image] as const] : [])),
  );
}
