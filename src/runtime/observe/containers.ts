import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Engine } from "../../docker/client/engine.ts";
import { listContainers, type ContainerSummary } from "../../docker/containers/list.ts";
import { compareStrings } from "../../lib/compare-strings.ts";
import { readRegularFile } from "../../lib/read-regular-file.ts";
import { originFilter, labels } from "../../model/labels.ts";
import {
  isRunning,
  ownNameOf,
  type Observed,
  type ObservedInstance,
} from "../../model/observed.ts";
import type { Project, ProjectFolder } from "../../model/project.ts";
import { keysFolder, nextNameOf, previousNameOf, swarmMarker } from "../../model/resource-names.ts";
import { keysDigest } from "../keys/digests.ts";
import { keysToCompare, toInstance, toKeeper } from "./instances.ts";
import type { ListedServices } from "./services.ts";

type ProjectContainers = Pick<Observed, "instances" | "keeper" | "hiddenServices">;

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
  const services = await findServices(listed, { engine, project: { folder, origin }, keys });
  const ofServices = services.services.map(({ project }) => project);
  const names = [...new Set([...listed.map(projectOf), ...ofServices])];
  const name = guessed ?? (await chooseName(names, readName));
  const others = names.filter((other) => other !== name);
  const containers = listed.filter((container) => projectOf(container) === name);
  return { name, others, ...withOwn(partitionContainers(containers, keys), services, name) };
}

interface FoundContext {
  readonly engine: Engine;
  readonly project: ProjectFolder & Partial<Pick<Project, "name" | "conf">>;
  /** Digest of the project's keys. */
  readonly keys: string | undefined;
}

/** Whether a container is one of a service's, and no instance of its own. */
function isTask({ labels: values }: Pick<ContainerSummary, "labels">): boolean {
  return values[labels.role] === "task";
}

/** The id by which a plan knows the service that a task belongs to. */
export function withServiceId(container: ContainerSummary): ContainerSummary {
  const service = container.labels["com.docker.swarm.service.id"];
  return service === undefined || !isTask(container) ? container : { ...container, id: service };
}

/** Separates the containers of a project, and adds its services of Docker Swarm to the instances. */
export async function withServices(
  containers: readonly ContainerSummary[],
  context: FoundContext,
): Promise<ProjectContainers> {
  const services = await findServices(containers, context);
  return withOwn(partitionContainers(containers, context.keys), services, context.project.name);
}

/** Most projects have no services, and their Engine is not asked. */
async function findServices(
  containers: readonly ContainerSummary[],
  { engine, project, keys }: FoundContext,
): Promise<ListedServices> {
  const isExpected = containers.some(isTask) || existsSync(swarmMarker(project));
  if (!isExpected && !definesServices(project)) return { services: [] };
  const { observeServices } = await import("./services.ts");
  return observeServices(engine, project.origin, { keys, isExpected });
}

/** Without its definition, whether that mentions them: another clone of the project may have made them. */
export function definesServices({
  folder,
  conf,
}: Pick<FoundContext["project"], "folder" | "conf">): boolean {
  if (conf?.instances.some(({ swarm }) => swarm !== undefined)) return true;
  try {
    return /\bswarm\b/.test(readRegularFile(resolve(folder, "reyns.ts")).toString());
  } catch {
    return false;
  }
}

/** A container that a service was taking the place of is none of its own. */
function withOwn(
  found: ProjectContainers,
  { services, hidden }: ListedServices,
  name: string | undefined,
): ProjectContainers {
  const hiddenServices = hidden === undefined ? {} : { hiddenServices: hidden };
  const own = services.filter(({ project }) => project === name);
  if (own.length === 0) return { ...found, ...hiddenServices };
  const hosts = new Set(own.map(({ host }) => host));
  const byHost = new Map(found.instances.map((instance) => [instance.host, instance]));
  const others = found.instances.filter(({ host }) => !hosts.has(host));
  const instances = [...others, ...own.map((service) => withFormer(service, byHost))];
  return {
    ...found,
    ...hiddenServices,
    instances: instances.toSorted((a, b) => compareStrings(a.host, b.host)),
  };
}

function withFormer(
  service: ObservedInstance,
  containers: ReadonlyMap<string, ObservedInstance>,
): ObservedInstance {
  const former = containers.get(service.host);
  if (!former) return service;
  const isUp = isRunning(former) && { isPredecessorUp: true };
  return { ...service, predecessor: former.id, ...isUp };
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
 * @param ownKeys digest of the project's keys
 */
function partitionContainers(
  containers: readonly ContainerSummary[],
  ownKeys: string | undefined,
): ProjectContainers {
  const keys = keysToCompare(containers, ownKeys);
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
        ...(next && isRunning(next) ? { isSuccessorUp: true } : {}),
      };
    });
}
