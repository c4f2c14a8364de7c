import type { Engine } from "../../docker/client/engine.ts";
import { inspectContainer } from "../../docker/containers/containers.ts";
import { imageDefaults } from "../../docker/images/images.ts";
import type { ContainerSpec, Mount } from "../../model/container-spec.ts";
import { imageVolumeNameOf } from "../../model/resource-names.ts";
import type { StartInstance } from "../../model/steps.ts";

/**
 * The spec with a named volume for each VOLUME of its image that nothing is mounted at. The Engine's own unnamed
 * volumes would be lost with the container. A volume that the container before had there, unnamed or not, is kept.
 *
 * @see https://docs.docker.com/reference/dockerfile/#volume
 */
export async function withImageVolumes(
  engine: Engine,
  { spec, removes, predecessor }: Pick<StartInstance, "spec" | "removes" | "predecessor">,
): Promise<ContainerSpec> {
  const { volumes } = await imageDefaults(engine, spec.image);
  const isMounted = (path: string): boolean =>
    path in (spec.runtime.tmpfs ?? {}) || spec.mounts.some(({ target }) => target === path);
  const paths = volumes
    .map((path) => path.replace(/(.)\/+$/, "$1"))
    .filter((path) => !isMounted(path));
  if (paths.length === 0) return spec;
  const before = await volumesOf(engine, predecessor ?? removes);
  const mounts = paths.map((target): Mount => {
    const source = before.get(target) ?? imageVolumeNameOf(spec.name, target);
    return { type: "volume", source, target, readOnly: false };
  });
  return { ...spec, mounts: [...spec.mounts, ...mounts] };
}

/** Path -> name of the volume that a container has there. */
async function volumesOf(engine: Engine, id: string | undefined): Promise<Map<string, string>> {
  const details = id === undefined ? undefined : await inspectContainer(engine, id);
  return new Map(
    (details?.mounts ?? []).flatMap(({ target, volume }) =>
      volume === null ? [] : [[target, volume]],
    ),
  );
}
