import { inside, ReynsError, type Place } from "../../errors.ts";
import { freePort } from "../../model/ports.ts";
import type { Conf, Project } from "../../model/project.ts";
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
    const at = placeOf(host, "swarm", conf);
    const message = `${host} is a Swarm service, and this Engine ${reason}`;
    return new ReynsError("INVALID_PROJECT", message, { hint, at });
  });
}

/** A free port differs from task to task. */
export function freePortErrors(
  starts: readonly StartInstance[],
  { conf }: Pick<Project, "conf">,
): ReynsError[] {
  return starts.flatMap(({ host, spec }) => {
    const free = spec.ports.filter((port) => port.host === freePort);
    if (free.length === 0) return [];
    const ports = free.map(({ container }) => container).join(", ");
    const message = `${host} is a Swarm service: it cannot publish ${ports} on free ports`;
    const hint =
      "copies, and folders with ports=free, have no fixed ones: publish nothing there, or leave out swarm there";
    return [new ReynsError("INVALID_PROJECT", message, { hint, at: placeOf(host, "ports", conf) })];
  });
}

function placeOf(host: string, key: string, conf: Conf): Place | undefined {
  const definition = conf.instances.find(
    ({ service, instance }) => `${service}-${instance}` === host,
  );
  return definition && inside(definition.at, key);
}

/** Where the definition of an instance says that it is a service. */
export function swarmPlace(host: string, { conf }: Pick<Project, "conf">): Place | undefined {
  return placeOf(host, "swarm", conf);
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
