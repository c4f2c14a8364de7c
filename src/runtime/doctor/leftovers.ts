import {
  removeContainer,
  startContainer,
  unpauseContainer,
} from "../../docker/containers/containers.ts";
import { listContainers, type ContainerSummary } from "../../docker/containers/list.ts";
import { listNetworks, removeNetwork, type NetworkSummary } from "../../docker/networks.ts";
import { ReynsError } from "../../errors.ts";
import { shellQuote } from "../../lib/shell-quote.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { labels } from "../../model/labels.ts";
import type { ProjectFolder } from "../../model/project.ts";
import { folderOfOrigin, stateFolder } from "../../model/resource-names.ts";
import type { Engine } from "../connect.ts";
import { inspectLock } from "../lock/project-lock.ts";
import { ok, warning, type Finding } from "./finding.ts";
import { withTimeout } from "./timeout.ts";

/** No step takes longer to create something. */
export const staleAfterSeconds = 300;

type ResourceLabels = Readonly<Record<string, string>>;

interface LeftoverContext {
  /** The project here, if there is one. */
  readonly place: ProjectFolder | undefined;
  /** The folder that a project is in now, by its origin; undefined when it is gone. */
  readonly locate: (origin: string) => string | undefined;
}

/**
 * Finds leftovers on the Engine of calls that were killed and of folders that were removed. With an Engine on another
 * machine only those of this project's folder, since other folders may exist there.
 *
 * @param now seconds since 1970
 */
export async function checkLeftovers(
  engine: Engine,
  { place, locate }: LeftoverContext,
  now: number,
): Promise<Finding[]> {
  const [allContainers, allNetworks] = await withTimeout(
    engine,
    Promise.all([listContainers(engine, []), listNetworks(engine)]),
  );
  const isOurs = (resource: { readonly labels: ResourceLabels }): boolean => {
    const origin = resource.labels[labels.folder];
    return origin !== undefined && (engine.local || origin === place?.origin);
  };
  // Of a folder on another machine nothing is known here.
  const folderOf: FolderFinder = ({ [labels.folder]: origin = "/" }) =>
    engine.local ? locate(origin) : folderOfOrigin(origin);
  const containers = allContainers.filter(isOurs);
  const usedNetworks = new Set(allContainers.flatMap(({ networks }) => Object.keys(networks)));
  const unusedNetworks = allNetworks.filter(
    (network) =>
      isOurs(network) && folderOf(network.labels) === undefined && !usedNetworks.has(network.name),
  );
  const findings = [
    ...containers
      .filter((container) => isAbandoned(container, now, folderOf))
      .map((container) => abandonedFinding(container, engine, folderOf)),
    ...orphanFindings(containers.filter((container) => isOrphan(container, folderOf))),
    ...containers
      .filter((container) => isStoppedKeeper(container, containers))
      .map((container) => stoppedKeeperFinding(container, engine, folderOf)),
    ...unusedNetworks.map((network) => unusedNetworkFinding(network, engine)),
  ];
  return findings.length > 0 ? findings : [ok("leftovers", "none on the Engine")];
}

/** The folder of a resource's project; undefined when it is gone. */
type FolderFinder = (values: ResourceLabels) => string | undefined;

function isInstance({ labels: values }: ContainerSummary): boolean {
  return values[labels.instance] !== undefined;
}

/** Created and never started: an instance, or the second container that persistent folders are copied from. */
function isHalfMade(container: ContainerSummary): boolean {
  const isCopySource = /^reyns-source-[0-9a-f]{12}$/.test(container.name);
  return container.state === "created" && (isInstance(container) || isCopySource);
}

/** Half-made, and not being created by a running call. */
function isAbandoned(container: ContainerSummary, now: number, folderOf: FolderFinder): boolean {
  if (!isHalfMade(container) || now - container.createdAt <= staleAfterSeconds) return false;
  const folder = folderOf(container.labels) ?? "";
  const origin = container.labels[labels.folder] ?? "";
  return !inspectLock(stateFolder({ folder, origin })).isHeld;
}

function abandonedFinding(
  { id, name, labels: values }: ContainerSummary,
  engine: Engine,
  folderOf: FolderFinder,
): Finding {
  const folder = folderOf(values) ?? originOf(values);
  const message = `the container ${name} of ${folder} was created, but never started`;
  const [service, instance] = [values[labels.service], values[labels.instance]];
  const remedy =
    instance === undefined
      ? `docker rm ${name}`
      : commandInFolder(folder, `clean ${shellQuote(service ?? "")} ${shellQuote(instance)}`);
  const fix = async (): Promise<string> => {
    await removeContainer(engine, id);
    return `${name} removed`;
  };
  return warning("leftovers", message, { remedy, fix });
}

function isOrphan(container: ContainerSummary, folderOf: FolderFinder): boolean {
  const isGone = folderOf(container.labels) === undefined;
  return isInstance(container) && !isHalfMade(container) && isGone;
}

/** One finding for each project, not for each of its instances. */
function orphanFindings(orphans: readonly ContainerSummary[]): Finding[] {
  const projects = Map.groupBy(orphans, ({ labels: values }) =>
    [values[labels.project], values[labels.folder]].join("\0"),
  );
  return [...projects.values()].flatMap((containers) => {
    const values = containers[0]?.labels ?? {};
    const folder = originOf(values);
    const project = values[labels.project] ?? "";
    const names = summarizeList(
      containers.map(({ name }) => name),
      3,
    );
    const message = `the folder ${folder} of the project ${project} is gone, but its containers still exist: ${names}`;
    const clean = `PROJECT_NAME=${shellQuote(project)} PROJECT_DIR=. reyns clean all`;
    const remedy = `mkdir -p ${shellQuote(folder)} && cd ${shellQuote(folder)} && ${clean}`;
    return warning("leftovers", message, { remedy });
  });
}

/** Stopped, although instances of its project run. */
function isStoppedKeeper(
  { labels: values, state }: ContainerSummary,
  containers: readonly ContainerSummary[],
): boolean {
  if (values[labels.role] !== "keeper" || state === "running") return false;
  return containers.some(
    (container) =>
      isInstance(container) &&
      container.state === "running" &&
      container.labels[labels.folder] === values[labels.folder] &&
      container.labels[labels.project] === values[labels.project],
  );
}

function stoppedKeeperFinding(
  { id, name, labels: values, state }: ContainerSummary,
  engine: Engine,
  folderOf: FolderFinder,
): Finding {
  const folder = folderOf(values) ?? originOf(values);
  const how = state === "paused" ? "is paused" : "has stopped";
  const message = `${name} ${how}, so the DNS leases of ${folder} are not renewed`;
  const fix = async (): Promise<string> => {
    await unpauseContainer(engine, id);
    await startContainer(engine, id);
    return `${name} started`;
  };
  return warning("leftovers", message, { remedy: commandInFolder(folder, "run all"), fix });
}

function unusedNetworkFinding({ name, labels: values }: NetworkSummary, engine: Engine): Finding {
  const message = `the network ${name} is empty, and its folder ${originOf(values)} is gone`;
  const fix = async (): Promise<string> => {
    if (await removeNetwork(engine, name)) return `${name} removed`;
    throw new ReynsError("ENGINE_REFUSED", `${name} is in use now`);
  };
  return warning("leftovers", message, { remedy: `docker network rm ${name}`, fix });
}

function originOf(values: ResourceLabels): string {
  return folderOfOrigin(values[labels.folder] ?? "");
}

function commandInFolder(folder: string, call: string): string {
  return `cd ${shellQuote(folder)} && reyns ${call}`;
}
