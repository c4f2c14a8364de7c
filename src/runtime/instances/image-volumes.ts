import type { Engine } from "../../docker/client/engine.ts";
import { inspectContainer } from "../../docker/containers/containers.ts";
import { imageDefaults } from "../../docker/images/images.ts";
import { ReynsError } from "../../errors.ts";
import type { ContainerSpec, Mount } from "../../model/container-spec.ts";
import { imageVolumeNameOf } from "../../model/resource-names.ts";
import type { StartInstance } from "../../model/steps.ts";
import { uncoveredVolumes } from "../../model/task-volumes.ts";

/**
 * The spec with a named volume for each VOLUME of its image that nothing is mounted at. The Engine's own unnamed
 * volumes would be lost with the container. A volume that the container before had there, unnamed or not, is kept.
 *
 * @see https://docs.docker.com/reference/dockerfile/#volume
 */
export async function withImageVolumes(
  engine: Engine,
  step: Pick<StartInstance, "host" | "spec" | "removes" | "predecessor">,
): Promise<ContainerSpec> {
  const { removes, predecessor } = step;
  const spec = await withForeignVolumes(engine, step);
  const { volumes } = await imageDefaults(engine, spec.image);
  const paths = uncoveredVolumes(spec, volumes);
  if (paths.length === 0) return spec;
  const before = await volumesOf(engine, predecessor ?? removes);
  const mounts = paths.map((target): Mount => {
    const source = before.get(target) ?? imageVolumeNameOf(spec.name, target);
    return { type: "volume", source, target, readOnly: false };
  });
  return { ...spec, mounts: [...spec.mounts, ...mounts] };
}

/**
 * With the volumes that the images of other instances declare, where `volumesFrom` names them.
 *
 * @throws ReynsError NOT_RUNNING where one has no container
 */
async function withForeignVolumes(
  engine: Engine,
  { host, spec }: Pick<StartInstance, "host" | "spec">,
): Promise<ContainerSpec> {
  const mounts = [...spec.mounts];
  for (const { container, readOnly } of spec.volumesFrom ?? []) {
    const details = await inspectContainer(engine, container);
    if (!details)
      throw new ReynsError(
        "NOT_RUNNING",
        `${host} takes volumes from ${container}, which does not exist`,
        {
          hint: "run both: leave out deps=false",
        },
      );
    const { volumes } = await imageDefaults(engine, details.imageId);
    const declared = new Set(volumes.map(withoutSlash));
    for (const { target, volume, readOnly: isFixed } of details.mounts)
      if (volume !== null && declared.has(target) && !isTaken(target, { ...spec, mounts }))
        mounts.push({ type: "volume", source: volume, target, readOnly: readOnly || isFixed });
  }
  return { ...spec, mounts };
}

function isTaken(path: string, { runtime, mounts }: ContainerSpec): boolean {
  return path in (runtime.tmpfs ?? {}) || mounts.some(({ target }) => target === path);
}

function withoutSlash(path: string): string {
  return path.replace(/(.)\/+$/, "$1");
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
