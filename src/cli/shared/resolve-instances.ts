import { given, needWord } from "../args/common.ts";
import { machineName } from "../../runtime/host/engine-host.ts";
import type { Engine } from "../../runtime/connect.ts";
import type { KeeperContext } from "../../plan/dns-keeper.ts";
import { chooseInstances, chooseOne } from "../../plan/lifecycle-plan.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { ProjectPlace } from "../../project/locate.ts";
import { listInstances } from "./context.ts";

export interface InstancesQuery {
  readonly service: string | undefined;
  readonly instance: string | undefined;
  readonly group: string | undefined;
  readonly example: string;
}

export interface ResolvedInstances {
  readonly engine: Engine;
  readonly place: ProjectPlace;
  /** Its name is undefined when only running its definition could tell. */
  readonly project: { readonly name: string | undefined; readonly folder: string };
  readonly chosen: ObservedInstance[];
  readonly all: readonly ObservedInstance[];
  /** What the keeper of ready images' leases depends on. */
  readonly scene: KeeperContext;
}

/**
 * The instances that a call means. A service's bare name means its one instance: with several, the call has to say
 * which, as a pattern, a group or "all" do.
 */
export async function resolveInstances(wanted: InstancesQuery): Promise<ResolvedInstances> {
  const group = given(wanted.group);
  const service =
    given(wanted.service) ??
    (group === undefined ? needWord(undefined, "service", wanted.example) : "all");
  const choice = { service, instance: given(wanted.instance), group };
  const { engine, place, project, instances, keeper } = await listInstances();
  const meansOne =
    service !== "all" &&
    !service.includes("*") &&
    choice.instance === undefined &&
    group === undefined;
  return {
    engine,
    place,
    project,
    all: instances,
    scene: { keeper, all: instances, hostHostname: await machineName(engine) },
    chosen: meansOne ? [chooseOne(instances, choice)] : chooseInstances(instances, choice),
  };
}

/** The same instances, looked at again: what was done to them has changed their state, ports and health. */
export async function observeAgain(
  before: readonly ObservedInstance[],
): Promise<ObservedInstance[]> {
  const ids = new Set(before.map(({ id }) => id));
  return (await listInstances()).instances.filter(({ id }) => ids.has(id));
}
