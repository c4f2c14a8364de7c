import { inside, ReynsError } from "../../errors.ts";
import type { Project } from "../../model/project.ts";
import type { StartInstance, Step } from "../../model/steps.ts";
import type { SwarmMembership } from "../../model/swarm.ts";

/** The services of Docker Swarm that a plan starts. */
export function swarmStarts(steps: readonly Step[]): StartInstance[] {
  return steps.filter(
    (step): step is StartInstance =>
      step.kind === "start-instance" && step.spec.swarm !== undefined,
  );
}

/** Only a manager of a swarm takes a service: to be known before anything starts. */
export function membershipErrors(
  starts: readonly StartInstance[],
  { conf }: Pick<Project, "conf">,
  { state, isManager, problem }: SwarmMembership,
): ReynsError[] {
  if (state === "active" && isManager && problem === undefined) return [];
  const [reason, hint] = explain(state, isManager);
  return starts.map(({ host }) => {
    const definition = conf.instances.find(
      ({ service, instance }) => `${service}-${instance}` === host,
    );
    const at = definition && inside(definition.at, "swarm");
    const message = `${host} is a Swarm service, and this Engine ${reason}`;
    return new ReynsError("INVALID_PROJECT", message, { hint, at });
  });
}

function explain(state: string, isManager: boolean): readonly [string, string] {
  if (state === "active" && !isManager)
    return [
      "is no manager of its swarm",
      "call Reyns with the Engine of a manager: DOCKER_HOST=ssh://MANAGER",
    ];
  if (state === "inactive")
    return [
      "is in no swarm",
      "make one there: docker swarm init --advertise-addr ADDRESS; or leave out swarm",
    ];
  const hint = "see why: docker info; docker swarm unlock opens one that is locked";
  return [`is in a swarm that does not answer (${state})`, hint];
}
