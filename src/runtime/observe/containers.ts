import type { Engine } from "../../docker/client/engine.ts";
import { listContainers, type ContainerSummary } from "../../docker/containers/list.ts";
import { compareStrings } from "../../lib/compare-strings.ts";
import { originFilter, labels } from "../../model/labels.ts";
import {
  isRunning,
  ownNameOf,
  type Observed,
  type ObservedInstance,
} from "../../model/observed.ts";
import type { ProjectFolder } from "../../model/project.ts";
import { keysFolder, nextNameOf, previousNameOf } from "../../model/resource-names.ts";
import { keysDigest } from "../keys/digests.ts";
import { toInstance, toKeeper } from "./instances.ts";

type ProjectContainers = Pick<Observed, "instances" | "keeper">;

/** What was found of a project, and the names of other projects that have instances in its folder. */
interface FoundContainers extends ProjectContainers {
  readonly name: string | undefined;
  readonly others: readonly string[];
}

/**
 * Lists the containers of the projects that began in a folder, including stopped ones.
 *
 * @param findName finds the project's name while the Engine answers
 * @param readName finds it with more effort, where the first could not tell and the folder has containers
 */
export async function observeContainers(
  engine: Engine,
  { folder, origin }: ProjectFolder,
  findName: () => Promise<string | undefined>,
  readName = findName,
): Promise<FoundContainers> {
  // The request is sent first; the rest is done while the Engine answers.
  const local = new Promise(setImmediate).then(() =>
    Promise.all([findName(), keysDigest(keysFolder({ folder }))]),
  );
  const [listed, [guessed, keys]] = await Promise.all([
    listContainers(engine, [originFilter(origin)]),
    local,
  ]);
  const names = [...new Set(listed.map(projectOf))];
  const name = guessed ?? (await chooseName(names, readName));
  const others = names.filter((other) => other !== name);
  const containers = listed.filter((container) => projectOf(container) === name);
  return { name, others, ...partitionContainers(containers, keys) };
}

/** A definition with mistakes does not keep anybody from stopping what runs. */
async function chooseName(
  names: readonly string[],
  readName: () => Promise<string | undefined>,
): Promise<string | undefined> {
  if (names.length === 0) return undefined;
  try {
    return await readName();
  } catch (error) {
    if (names.length > 1) throw error;
    return names[0];
  }
}

function projectOf({ labels: values }: ContainerSummary): string {
  return values[labels.project] ?? "";
}

/** Lists all containers of the Engine. Those of others have no service and instance, only their container's name. */
export async function observeAllContainers(engine: Engine): Promise<ObservedInstance[]> {
  return (await listContainers(engine, [])).map((container) => toInstance(container));
}

/**
 * Separates the containers of a project into instances and the lease keeper. The label of the instance decides: a
 * container inherits the others from its image, even when somebody else runs it.
 *
 * @param keys digest of the project's keys
 */
export function partitionContainers(
  containers: readonly ContainerSummary[],
  keys: string | undefined,
): ProjectContainers {
  const instances = containers
    .filter(({ labels: values }) => values[labels.instance] !== undefined)
    .map((container) => toInstance(container, keys));
  const keeper = containers.find(({ labels: values }) => values[labels.role] === "keeper");
  return {
    instances: pairPredecessors(instances).toSorted((a, b) => compareStrings(a.host, b.host)),
    keeper: keeper && toKeeper(keeper, keys),
  };
}

/**
 * A container that is being replaced is no instance of its own, unless nothing has taken its place yet; neither is one
 * that has started beside it.
 */
function pairPredecessors(instances: readonly ObservedInstance[]): ObservedInstance[] {
  const byName = new Map(instances.map((instance) => [instance.containerName, instance]));
  const previousOf = ({ containerName }: ObservedInstance): ObservedInstance | undefined =>
    byName.get(previousNameOf(containerName));
  // Its own name costs a digest.
  const hasNext = instances.some(({ containerName }) => containerName.endsWith(nextNameOf("")));
  const nextOf = (instance: ObservedInstance): ObservedInstance | undefined => {
    if (!hasNext) return undefined;
    const next = byName.get(nextNameOf(ownNameOf(instance)));
    return next === instance ? undefined : next;
  };
  const others = new Set(
    instances.flatMap((instance) => [previousOf(instance) ?? [], nextOf(instance) ?? []].flat()),
  );
  return instances
    .filter((instance) => !others.has(instance))
    .map((instance) => {
      const [previous, next] = [previousOf(instance), nextOf(instance)];
      return {
        ...instance,
        predecessor: previous?.id,
        ...(previous && isRunning(previous) ? { isPredecessorUp: true } : {}),
        ...(next ? { successor: next.id } : {}),
      };
    });
}
