import { isDone, isRunning, type ObservedInstance } from "../model/observed.ts";
import type { DescribedStart } from "./describe/described-start.ts";
import type { Action } from "./resolve/placement.ts";
import { swarmOf, type SelectedInstance } from "./select/selection.ts";

/** What a run does with an instance, and why. */
export interface Decision {
  readonly action: Action;
  readonly reason: string;
  /** What runs ends by itself first. */
  readonly awaitsEnd?: boolean;
  /** A service of Docker Swarm is changed without new tasks, as far as Swarm can. */
  readonly keepsTasks?: boolean;
}

/** An instance in the network of another one loses it when that gets another container, or starts again. */
export function followSharedNetworks(
  decisions: ReadonlyMap<string, Decision>,
  described: readonly DescribedStart[],
): Map<string, Decision> {
  return new Map(
    described.map(({ placed }) => {
      const { host } = placed.selected;
      const decision = decisions.get(host) ?? { action: "create", reason: "not there yet" };
      return [host, followed(decision, placed, decisions.get(placed.shared?.host ?? ""))];
    }),
  );
}

function followed(
  decision: Decision,
  { existing, shared }: DescribedStart["placed"],
  owner: Decision | undefined,
): Decision {
  if (!existing || !shared || isDone(existing) || decision.action === "replace") return decision;
  const isRenewed = owner?.action === "create" || owner?.action === "replace";
  const reason = `${shared.host}, whose network it shares, is ${isRenewed ? "a new one" : "restarted"}`;
  if (isRenewed || isInFormer(existing.networkMode, shared.id))
    return { action: "replace", reason };
  const isAffected = isRunning(existing) && decision.action === "keep";
  return owner?.action === "restart" && isAffected ? { action: "restart", reason } : decision;
}

/** The container whose network it is in is not the one that the other instance has now. */
function isInFormer(mode: string | undefined, id: string | undefined): boolean {
  return mode !== undefined && id !== undefined && mode !== `container:${id}`;
}

/**
 * What the state of a service of Docker Swarm asks for: Swarm itself starts tasks again that have ended.
 *
 * @returns undefined for a container that stays one
 */
export function decideService(
  selected: SelectedInstance,
  { swarm: service }: ObservedInstance,
): Decision | undefined {
  const isWanted = swarmOf(selected) !== undefined;
  if (!service)
    return isWanted ? { action: "replace", reason: "becomes a Swarm service" } : undefined;
  if (!isWanted) return { action: "replace", reason: "is a Swarm service no more" };
  if (service.desired === 0) return { action: "restart", reason: "stopped" };
  if (service.update?.state.endsWith("paused"))
    return { action: "replace", reason: "its last update has stopped half-way" };
  if (service.running === 0) return { action: "replace", reason: "none of its tasks runs" };
  return { action: "keep", reason: "runs already" };
}
