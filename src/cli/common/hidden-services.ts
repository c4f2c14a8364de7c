import { partialNodes } from "./one-engine.ts";
import { ReynsError, throwAll } from "../../errors.ts";
import type { ProjectFolder } from "../../model/project.ts";
import { stateFolder, swarmMarker } from "../../model/resource-names.ts";
import type { StartInstance, Step } from "../../model/steps.ts";
import type { Engine } from "../../runtime/connect.ts";
import { markedServices } from "../../runtime/swarm/marker.ts";
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

interface HiddenRun {
  readonly project: ProjectFolder;
  readonly leavesServices?: boolean | undefined;
}

/**
 * @returns the check of what a run on this Engine starts
 * @throws ReynsError ENGINE_REFUSED unless services are none of the business of that run
 */
export function hiddenCheck(
  reason: string,
  { project, leavesServices }: HiddenRun,
): (steps: readonly Step[]) => void {
  if (leavesServices !== true) throw hiddenServicesError(reason, project);
  return (steps) => requireNoneBeside(steps, project);
}

/**
 * A container in whose place a service is that no machine of the call tells of would run beside it. Only what this machine
 * has handed over is known.
 *
 * @throws ReynsErrors ENGINE_REFUSED
 */
function requireNoneBeside(steps: readonly Step[], place: ProjectFolder): void {
  const names = markedServices(stateFolder(place));
  const beside = steps.filter(
    (step): step is StartInstance =>
      step.kind === "start-instance" &&
      step.spec.swarm === undefined &&
      (step.predecessor ?? step.removes) === undefined &&
      names.has(step.spec.name),
  );
  throwAll(
    beside.map(({ host }) => {
      const message = `${host} would start beside the Swarm service that it has been until now: no machine of this call is a manager`;
      const hint = `name a manager, too, with node=, or start its machine; if the service is gone: rm ${swarmMarker(place)}`;
      return new ReynsError("ENGINE_REFUSED", message, { hint });
    }),
  );
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
