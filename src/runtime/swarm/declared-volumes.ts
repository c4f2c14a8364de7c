import { errorStatus } from "../../docker/client/errors.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { imageDefaults } from "../../docker/images/images.ts";

/** Image -> the paths that it declares as VOLUME; without those that are not here. */
export async function findDeclaredVolumes(
  engine: Engine,
  images: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = await Promise.all(
    images.map(async (image): Promise<[string, readonly string[]][]> => {
      try {
        return [[image, (await imageDefaults(engine, image)).volumes]];
      } catch (error) {
        if (errorStatus(error) === 404) return [];
        throw error;
      }
    }),
  );
  return new Map(found.flat());
}
