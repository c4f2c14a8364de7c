import { listContainers, type ContainerSummary } from "../../docker/containers/list.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { findImages } from "../../docker/images/images.ts";
import { listNetworks, type NetworkSummary } from "../../docker/networks.ts";
import { engineInfo } from "../../docker/system.ts";
import { projectOrigin } from "../../model/copy-origin.ts";
import { belongsTo, labels } from "../../model/labels.ts";
import {
  keysFolder,
  networkNameOf,
  scopeOf,
  type ProjectIdentity,
} from "../../model/resource-names.ts";
import type {
  NameConflict,
  Observed,
  ObservedImage,
  ObservedInstance,
} from "../../model/observed.ts";
import type { ObservedRouter } from "../../model/router-steps.ts";
import type { Project, ProjectFolder } from "../../model/project.ts";
import { keysDigest, secretDigest } from "../keys/digests.ts";
import { hostSubnets } from "../host/routes.ts";
import { withSameBuilds } from "./same-builds.ts";
import { findComposeContainers } from "./compose.ts";
import { withServiceId, withServices } from "./containers.ts";
import { toInstance } from "./instances.ts";
import { toObservedNetwork } from "./networks.ts";

/**
 * Seconds after which Docker takes a container for one that stays up:
 * https://docs.docker.com/engine/containers/start-containers-automatically/
 */
const settledAfter = 10;

/**
 * Observes everything that a plan depends on.
 *
 * @param images names, with tags, of the images that it may need
 */
export async function observe(
  engine: Engine,
  project: Pick<Project, "name" | "folder" | "origin"> & Partial<Pick<Project, "conf">>,
  images: readonly string[],
): Promise<Observed> {
  const folder = keysFolder(project);
  const [containers, networks, imagesFound, keys, digestSecret] = await Promise.all([
    listContainers(engine, []),
    listNetworks(engine),
    findImages(engine, images),
    keysDigest(folder),
    secretDigest(folder),
  ]);
  const projectNetwork = networks.find(
    (network) => network.name === networkNameOf(project) && belongsTo(network.labels, project),
  );
  const subnet = projectNetwork?.subnets[0];
  const projectContainers = containers
    .filter((container) => belongsTo(container.labels, project))
    .map((container) => withoutLostNetworks(container, networks));
  const listed = await withServices(projectContainers, { engine, project, keys });
  const own = { ...listed, instances: await withRecentRestarts(engine, listed.instances, project) };
  const router = own.instances.find(({ isRouter }) => isRouter);
  return {
    ...own,
    ...(router ? { router: await readRouter(engine, router, projectContainers) } : {}),
    publishers: containers
      .filter(({ ports }) => ports.some(({ host }) => host !== undefined))
      .map((container) => toInstance(withServiceId(container))),
    composeContainers: findComposeContainers(containers, project.folder),
    volumeWriters: await observeVolumeWriters(engine, containers, project),
    digestSecret,
    subnet,
    networks: networks.map((network) => toObservedNetwork(network, containers)),
    nameConflicts: [
      ...findConflicts("container", containers, project),
      ...findConflicts("network", networks, project),
    ],
    otherProjects: findOtherProjects(containers, project),
    takenSubnets:
      subnet === undefined || declaresNetworks(project) ? listTakenSubnets(networks, engine) : [],
    images: withSameBuilds(await markImported(engine, imagesFound, project), project),
  };
}

/**
 * Counts the restarts of what may be in a crash loop: by a listing alone, it runs. Only what has a restart policy, and has
 * started a moment ago, not for the first time, costs a request.
 */
async function withRecentRestarts(
  engine: Engine,
  instances: readonly ObservedInstance[],
  { conf }: Partial<Pick<Project, "conf">>,
): Promise<readonly ObservedInstance[]> {
  const now = Date.now() / 1000;
  const restarted = new Set(
    (conf?.instances ?? []).flatMap(({ service, runtime, extraArgs = "" }) =>
      (runtime?.restart ?? "no") !== "no" || extraArgs.includes("--restart") ? service : [],
    ),
  );
  return Promise.all(
    instances.map(async (instance) => {
      if (!restarted.has(instance.service) || !mayBeInCrashLoop(instance, now)) return instance;
      const { inspectContainer } = await import("../../docker/containers/containers.ts");
      const details = await inspectContainer(engine, instance.id);
      return { ...instance, recentRestarts: details?.restarts };
    }),
  );
}

function mayBeInCrashLoop({ state, upFor, createdAt }: ObservedInstance, now: number): boolean {
  const seconds = state === "running" ? secondsOf(upFor) : undefined;
  if (seconds === undefined || seconds >= settledAfter) return false;
  // Its first start may have come some time after its creation, on a busy machine.
  return now - createdAt - seconds >= settledAfter;
}

/** "Less than a second" -> 0, "1 second" -> 1, "9 seconds" -> 9, "2 minutes" -> undefined */
function secondsOf(upFor: string | undefined): number | undefined {
  if (upFor === "Less than a second") return 0;
  const count = /^(\d+) seconds?$/.exec(upFor ?? "")?.[1];
  return count === undefined ? undefined : Number(count);
}

/** What the project's router serves; most projects have none. */
async function readRouter(
  engine: Engine,
  router: ObservedInstance,
  containers: readonly ContainerSummary[],
): Promise<ObservedRouter> {
  const { observeRouter } = await import("../router/observe.ts");
  const container = containers.find(({ id }) => id === router.id);
  return { ...(await observeRouter(engine, router)), assets: container?.labels[labels.assets] };
}

/** A name of the project's own, which has its folder in it, clashes with nobody's. */
export async function observeVolumeWriters(
  engine: Engine,
  containers: readonly ContainerSummary[],
  project: ProjectIdentity & Pick<Project, "folder"> & Partial<Pick<Project, "conf">>,
): Promise<NonNullable<Observed["volumeWriters"]>> {
  const declared = Object.values(project.conf?.volumes ?? {});
  const names = new Set(declared.flatMap(({ name, external }) => (external ? [] : (name ?? []))));
  if (names.size === 0) return [];
  const { findVolumeWriters } = await import("./volume-writers.ts");
  return findVolumeWriters(engine, names, { containers, project });
}

function declaresNetworks({ conf }: Partial<Pick<Project, "conf">>): boolean {
  return Object.values(conf?.networks ?? {}).some(({ external }) => !external);
}

/**
 * Compares Engines only for images that another folder has built: their names alone do not tell whose they are. Those that
 * `load` has brought for this one are its own.
 */
async function markImported(
  engine: Engine,
  images: ReadonlyMap<string, ObservedImage>,
  { folder, origin }: ProjectFolder,
): Promise<ReadonlyMap<string, ObservedImage>> {
  const own = projectOrigin(origin);
  const isElsewhere = ({ labels: values }: ObservedImage): boolean =>
    values[labels.engine] !== undefined && values[labels.folder] !== own;
  if (![...images.values()].some(isElsewhere)) return images;
  const { readLoadedImages } = await import("../saved/loaded-images.ts");
  const [{ id }, loaded] = [await engineInfo(engine), readLoadedImages(folder)];
  const isImported = (image: ObservedImage): boolean =>
    image.labels[labels.engine] !== id || loaded.has(image.id);
  return new Map(
    [...images].map(([name, image]) => [
      name,
      isElsewhere(image) ? { ...image, isImported: isImported(image) } : image,
    ]),
  );
}

/** A stopped container keeps a network that has been removed, and cannot start in it. */
function withoutLostNetworks(
  container: ContainerSummary,
  networks: readonly NetworkSummary[],
): ContainerSummary {
  // Podman gives a network's name as its id.
  const known = new Set(["", ...networks.flatMap(({ id, name }) => [id, name])]);
  const present = Object.entries(container.networks).filter(([, { network }]) =>
    known.has(network),
  );
  return { ...container, networks: Object.fromEntries(present) };
}

function listTakenSubnets(networks: readonly NetworkSummary[], { local }: Engine): string[] {
  return [...networks.flatMap(({ subnets }) => subnets), ...(local ? hostSubnets() : [])];
}

type LabelledResource = Pick<ContainerSummary, "labels" | "name">;

/** Finds resources whose names begin with the project's scope, but which do not belong to it. */
function findConflicts(
  kind: NameConflict["kind"],
  resources: readonly LabelledResource[],
  project: ProjectIdentity,
): NameConflict[] {
  const scope = scopeOf(project);
  return resources
    .filter((resource) => resource.name.startsWith(scope) && !belongsTo(resource.labels, project))
    .map(({ name, labels: values }) => ({
      kind,
      name,
      project: values[labels.project] ?? "",
      origin: values[labels.folder] ?? "",
    }));
}

function findOtherProjects(
  containers: readonly LabelledResource[],
  { name, origin }: ProjectIdentity,
): string[] {
  const inFolder = containers.filter(({ labels: values }) => values[labels.folder] === origin);
  const names = inFolder.flatMap(({ labels: values }) => values[labels.project] ?? []);
  return [...new Set(names)].filter((other) => other !== name);
}
