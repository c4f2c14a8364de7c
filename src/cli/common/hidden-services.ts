import { partialNodes } from "./one-engine.ts";
import { ReynsError } from "../../errors.ts";
import type { ProjectFolder } from "../../model/project.ts";
import { swarmMarker } from "../../model/resource-names.ts";
import type { Engine } from "../../runtime/connect.ts";
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

/** @throws ReynsError ENGINE_REFUSED unless services are none of the business of a run on this Engine */
export function requireServices(
  reason: string,
  {
    project,
    leavesServices,
  }: { readonly project: ProjectFolder; readonly leavesServices?: boolean | undefined },
): void {
  if (leavesServices !== true) throw hiddenServicesError(reason, project);
}

let isReported = false;

interface HiddenContext {
  readonly place: ProjectFolder;
  readonly changes: boolean;
  readonly engine: Pick<Engine, "fleet">;
}

/**
 * Of several nodes, those that a call is about need not know of services: they are the managers' business.
 *
 * @throws ReynsError ENGINE_REFUSED for who changes something; others are warned, once
 */
export function reportHidden(reason: string, { place, changes, engine }: HiddenContext): void {
  const isPart = partialNodes(engine) !== undefined;
  if (changes && !isPart) throw hiddenServicesError(reason, place);
  const message = isPart
    ? "Swarm services are left out: none of these machines is a manager"
    : `${what}: ${reason}`;
  if (!isReported) log.warn(message);
  isReported = true;
}
