import { invalidProject, type ReynsError, type Place } from "../errors.ts";
import type { ContainerSpec } from "./container-spec.ts";
import type { StartInstance } from "./steps.ts";

/** The VOLUMEs of an image at which a spec mounts nothing. */
export function uncoveredVolumes(
  { runtime, mounts }: Pick<ContainerSpec, "runtime" | "mounts">,
  volumes: readonly string[],
): string[] {
  return volumes
    .map((path) => path.replace(/(.)\/+$/, "$1"))
    .filter(
      (path) => !(path in (runtime.tmpfs ?? {})) && !mounts.some(({ target }) => target === path),
    );
}

/**
 * Why an instance cannot be a service of Docker Swarm with the VOLUMEs of its image: each task would begin with an empty
 * one, and leave it behind.
 */
export function taskVolumeErrors(
  { host, spec }: Pick<StartInstance, "host" | "spec">,
  volumes: readonly string[],
  at?: Place,
): ReynsError[] {
  const hint =
    'accepted: tmpfs, for what may be lost; a volume of a driver that all nodes share, with volume("NAME", { driver: … }); or run it as a container, without swarm';
  return uncoveredVolumes(spec, volumes).map((path) => {
    const message = `${host}: its image keeps data in the volume ${path}, and each new task of a Swarm service would begin with an empty one`;
    return invalidProject(message, hint, at);
  });
}
