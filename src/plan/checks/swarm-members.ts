import { inside, ReynsError, type Place } from "../../errors.ts";
import { startManagers } from "../swarm/check.ts";
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
  membership: SwarmMembership,
): ReynsError[] {
  const trouble = managerTrouble(membership);
  if (!trouble) return [];
  return starts.map(({ host }) => {
    const at = placeOf(host, "swarm", conf);
    const message = `${host} is a Swarm service, and this Engine ${trouble.reason}`;
    return new ReynsError("INVALID_PROJECT", message, { hint: trouble.hint, at });
  });
}

interface ManagerTrouble {
  /** Goes on from "this Engine". */
  readonly reason: string;
  readonly hint: string;
}

/** Why an Engine takes no service of Docker Swarm; undefined where it does. */
export function managerTrouble({
  state,
  isManager,
  problem,
}: SwarmMembership): ManagerTrouble | undefined {
  if (state === "active" && isManager && problem === undefined) return undefined;
  if (state === "active" && !isManager)
    return {
      reason: "is no manager of its swarm",
      hint: "call Reyns with the Engine of a manager: DOCKER_HOST=ssh://MANAGER",
    };
  if (state === "inactive")
    return {
      reason: "is in no swarm",
      hint: "make one there: docker swarm init --advertise-addr ADDRESS; or leave out swarm",
    };
  if (state === "active" && problem !== undefined)
    return {
      reason: `is a manager of a swarm that does not work: ${problem}`,
      hint: startManagers,
    };
  const hint = "see why: docker info; docker swarm unlock opens one that is locked";
  return { reason: `is in a swarm that does not answer (${problem ?? state})`, hint };
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
