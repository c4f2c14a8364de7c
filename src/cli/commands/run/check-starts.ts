import { throwAll } from "../../../errors.ts";
import type { Project } from "../../../model/project.ts";
import type { Step } from "../../../model/steps.ts";
import {
  portRangeErrors,
  unsupportedFieldErrors,
  usesNewerFields,
} from "../../../plan/checks/engine-support.ts";
import {
  imageVolumeErrors,
  secretSizeErrors,
  settledImages,
} from "../../../plan/checks/swarm-data.ts";
import {
  freePortErrors,
  membershipErrors,
  swarmStarts,
} from "../../../plan/checks/swarm-members.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { checkExternalResources } from "./external-resources.ts";
import { checkMountSources } from "./mount-sources.ts";

interface CheckedRun {
  readonly project: Project;
  /** Images are renewed before anything starts: this is not the last plan. */
  readonly isBeforeRenewal: boolean;
}

/**
 * Checks what only the Engine or this machine can tell of the instances that a plan starts.
 *
 * @throws ReynsErrors
 */
export async function checkStarts(
  steps: readonly Step[],
  { project, isBeforeRenewal }: CheckedRun,
  engine: Engine,
): Promise<void> {
  await checkMountSources(steps, project, engine);
  const services = swarmStarts(steps);
  if (services.length > 0) {
    const { swarmMembership } = await import("../../../runtime/swarm/read.ts");
    const membership = await swarmMembership(engine);
    throwAll([
      ...membershipErrors(services, project, membership),
      ...freePortErrors(services, project),
    ]);
    const images = isBeforeRenewal ? [] : settledImages(services, steps);
    const { findDeclaredVolumes } = await import("../../../runtime/swarm/declared-volumes.ts");
    const volumes = await findDeclaredVolumes(engine, [...images]);
    throwAll([
      ...imageVolumeErrors(services, project, volumes),
      ...secretSizeErrors(services, project),
    ]);
  }
  await checkExternalResources(steps, project, engine);
  const rangeErrors = portRangeErrors(steps, project);
  if (rangeErrors.length > 0 && (await engine.features()).isPodman) throwAll(rangeErrors);
  if (!usesNewerFields(steps)) return;
  const { newestApiVersion } = await engine.features();
  throwAll(unsupportedFieldErrors(steps, project, newestApiVersion));
}
