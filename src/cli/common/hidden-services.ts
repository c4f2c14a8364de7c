import { ReynsError } from "../../errors.ts";
import type { ProjectFolder } from "../../model/project.ts";
import { swarmMarker } from "../../model/resource-names.ts";
import { log } from "../../ui/output/log.ts";

const what = "the project may have Swarm services that this Engine does not tell of";

/**
 * Why nothing can be changed while services are hidden: a service would be left, or a container would start beside it.
 *
 * @param reason "this Engine is no manager of its swarm"
 */
export function hiddenServicesError(reason: string, place: ProjectFolder): ReynsError {
  const hint = `call Reyns with the Engine of a manager: DOCKER_HOST=ssh://MANAGER; if it has none any more: rm ${swarmMarker(place)}`;
  return new ReynsError("ENGINE_REFUSED", `${what}: ${reason}`, { hint });
}

let isReported = false;

/** @throws ReynsError ENGINE_REFUSED for who changes something; others are warned, once */
export function reportHidden(
  reason: string,
  { place, changes }: { readonly place: ProjectFolder; readonly changes: boolean },
): void {
  if (changes) throw hiddenServicesError(reason, place);
  if (!isReported) log.warn(`${what}: ${reason}`);
  isReported = true;
}
