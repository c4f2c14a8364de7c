import { dirname } from "node:path/posix";
import { secretsFolder } from "../../model/container-files.ts";
import type { ObservedInstance, ObservedMount } from "../../model/observed.ts";
import { imageVolumeNameOf, isUnnamedVolume, volumeNameOf } from "../../model/resource-names.ts";
import type { StartInstance } from "../../model/steps.ts";

/** A volume of an instance that its new container would not have, so that its data would seem to be gone. */
export interface LostData {
  readonly host: string;
  readonly target: string;
  /** As the definition calls it. */
  readonly volume: string;
  /** The volume or folder that would be there instead; undefined: nothing would. */
  readonly replacement: string | undefined;
}

/** An existing container, and the start of the one that replaces it. */
export interface ContainerReplacement {
  readonly existing: ObservedInstance;
  readonly step: Pick<StartInstance, "host" | "spec">;
}

/** Compares the volumes of existing containers with those of what replaces them. */
export function findLostData(replacements: readonly ContainerReplacement[]): LostData[] {
  return replacements.flatMap((replacement) => {
    const { existing, step } = replacement;
    const prefix = volumeNameOf({ name: existing.project, origin: existing.origin }, "");
    const short = (name: string): string =>
      name.startsWith(prefix) ? name.slice(prefix.length) : name;
    return existing.mounts.flatMap((mount) => {
      const { target, volume } = mount;
      if (volume === null || !isDefined(mount, replacement)) return [];
      const next = step.spec.mounts.find((other) => other.target === target);
      if (next?.source === volume) return [];
      const instead = next && short(next.source);
      return { host: step.host, target, volume: short(volume), replacement: instead };
    });
  });
}

/**
 * A volume of the image is carried over to the new container, but not to a service, and a temporary one is emptied
 * anyway.
 */
function isDefined(
  { volume, target }: ObservedMount,
  { existing, step: { spec } }: ContainerReplacement,
): boolean {
  if (volume === null || volume === existing.temporaryVolume) return false;
  if (spec.swarm) return !isUnnamedVolume(volume) || !ownFolders(spec).has(target);
  const owners = [spec.name, ...(spec.volumesFrom ?? []).map(({ container }) => container)];
  const isOfImage = owners.some((owner) => volume === imageVolumeNameOf(owner, target));
  return !isOfImage && !isUnnamedVolume(volume);
}

/** Where a container has the volumes for its secrets and keys. */
function ownFolders({ copiedFiles = [] }: StartInstance["spec"]): ReadonlySet<string> {
  const folders = copiedFiles.map(({ path }) => dirname(path));
  return new Set([secretsFolder, "/etc/reyns/keys", ...folders]);
}
