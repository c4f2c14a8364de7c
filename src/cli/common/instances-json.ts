import type { Engine } from "../../runtime/connect.ts";
import { observeOlderImages } from "../../runtime/observe/older-images.ts";
import { observeLifetimes } from "../../runtime/observe/lifetimes.ts";
import type { ProjectFolder } from "../../model/project.ts";
import type { ObservedInstance, ObservedKeeper } from "../../model/observed.ts";
import { problemsOf } from "../../model/problems.ts";
import { findOrphans } from "../../plan/orphans.ts";
import { readExpected } from "../../project/expected.ts";
import { instanceToJson, type InstanceJson } from "../../ui/views/instance-json.ts";
import { listInstances } from "./context.ts";

/** What was observed of the project together with the instances. */
interface ProjectState {
  readonly engine: Engine;
  readonly place: ProjectFolder;
  readonly instances: readonly ObservedInstance[];
  readonly keeper: ObservedKeeper | undefined;
}

/** The instances, as every command shows them under `json`. */
export async function instancesToJson(
  instances: readonly ObservedInstance[],
  { engine, place, keeper, instances: all }: ProjectState,
): Promise<InstanceJson[]> {
  const orphans = recordedOrphans(place, all);
  const [lifetimes, older] = await Promise.all([
    observeLifetimes(engine, instances),
    observeOlderImages(engine, place.folder, instances),
  ]);
  return instances.map((instance) => {
    const isOrphan = orphans.includes(instance);
    const outdated = older.find((one) => one.instance === instance);
    // A rollback is no problem: a run of all would undo it.
    const isOutdated = outdated !== undefined && outdated.restored === undefined;
    const hasOlderImage = isOutdated && (outdated.hasFailed ? "failed" : true);
    const problems = problemsOf(instance, { keeper, isOrphan, hasOlderImage });
    return instanceToJson(instance, { lifetime: lifetimes.get(instance.id), problems });
  });
}

/** The same for instances that have changed since they were observed. */
export async function changedInstancesToJson(
  before: readonly Pick<ObservedInstance, "id">[],
): Promise<InstanceJson[]> {
  const ids = new Set(before.map(({ id }) => id));
  const listed = await listInstances();
  const changed = listed.instances.filter(({ id }) => ids.has(id));
  return instancesToJson(changed, listed);
}

/** The instances with these host names, whose containers may be others than before. */
export async function instancesOnHosts(hosts: readonly string[]): Promise<InstanceJson[]> {
  const listed = await listInstances();
  const found = listed.instances.filter(({ host }) => hosts.includes(host));
  return instancesToJson(found, listed);
}

/** Any containers of the Engine: whose they are, and what they should be, does not count. */
export async function containersToJson(
  engine: Engine,
  containers: readonly ObservedInstance[],
): Promise<InstanceJson[]> {
  const lifetimes = await observeLifetimes(engine, containers);
  return containers.map((container) =>
    instanceToJson(container, { lifetime: lifetimes.get(container.id), problems: [] }),
  );
}

/** The instances that the last run no longer found defined: no definition is read for this. */
export function recordedOrphans(
  place: ProjectFolder,
  instances: readonly ObservedInstance[],
): ObservedInstance[] {
  const { defined } = readExpected(place);
  return defined ? findOrphans(defined, instances) : [];
}
