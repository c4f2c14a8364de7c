import type { ObservedMount } from "../../model/observed.ts";
import type { Project } from "../../model/project.ts";
import { imageVolumeNameOf, isUnnamedVolume, volumeNameOf } from "../../model/resource-names.ts";
import type { DescribedStart } from "../describe/described-start.ts";

/** A volume of an instance that its new container would not have, so that its data would seem to be gone. */
export interface LostData {
  readonly host: string;
  readonly target: string;
  /** As the definition calls it. */
  readonly volume: string;
  /** The volume or folder that would be there instead; undefined: nothing would. */
  readonly replacement: string | undefined;
}

/** Compares the volumes of existing containers with what replaces them. */
export function findLostData(starting: readonly DescribedStart[], project: Project): LostData[] {
  const prefix = volumeNameOf(project, "");
  const short = (name: string): string =>
    name.startsWith(prefix) ? name.slice(prefix.length) : name;
  return starting.flatMap(({ placed, step }) =>
    (placed.action === "replace" ? (placed.existing?.mounts ?? []) : []).flatMap((mount) => {
      const { target, volume } = mount;
      if (volume === null || !isDefined(mount, placed, step)) return [];
      const next = step.spec.mounts.find((other) => other.target === target);
      if (next?.source === volume) return [];
      const replacement = next && short(next.source);
      return { host: step.host, target, volume: short(volume), replacement };
    }),
  );
}

/** A volume of the image is carried over to the new container, and a temporary one is emptied anyway. */
function isDefined(
  { volume, target }: ObservedMount,
  { existing }: DescribedStart["placed"],
  { spec }: DescribedStart["step"],
): boolean {
  if (volume === null || volume === existing?.temporaryVolume) return false;
  return volume !== imageVolumeNameOf(spec.name, target) && !isUnnamedVolume(volume);
}
