import { ReynsError } from "../../errors.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import { findLostKeys } from "../../model/problems.ts";
import type { Project } from "../../model/project.ts";
import { hasFormerMounts } from "../moved-mounts.ts";

/**
 * All instances that cannot be started again as they are, because they mount paths of the project's former folder: nothing
 * is there any more, or another project's files.
 */
export function formerFolderErrors(
  instances: readonly ObservedInstance[],
  project: Pick<Project, "movedFrom">,
): ReynsError[] {
  return instances
    .filter((instance) => hasFormerMounts(instance, project))
    .map(({ host, service, instance }) => {
      const message = `${host} mounts files of the project's former folder; nothing was started or stopped`;
      const hint = `replace it: reyns run ${service} ${instance}`;
      return new ReynsError("START_FAILED", message, { hint });
    });
}

/** Instances that cannot be started again as they are, because the project's keys, which they mount, are gone. */
export function lostKeysErrors(instances: readonly ObservedInstance[]): ReynsError[] {
  const lost = findLostKeys(instances);
  if (!lost) return [];
  const message = `${lost.message}; nothing was started or stopped`;
  return [new ReynsError("KEYS_UNUSABLE", message, { hint: lost.remedy })];
}
