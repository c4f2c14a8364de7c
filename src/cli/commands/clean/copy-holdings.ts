import { existsSync } from "node:fs";
import { ReynsError } from "../../../errors.ts";
import { summarizeList } from "../../../lib/summarize-list.ts";
import type { ObservedVolume } from "../../../model/observed-volume.ts";
import type { Project } from "../../../model/project.ts";
import { readCopyRecord } from "../../../project/copy-record.ts";
import { isOwnDataFolder } from "../../../project/data-folder.ts";
import { dataFolderOf, type ProjectPlace } from "../../../project/locate.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { observeVolumes } from "../../../runtime/observe/volumes.ts";
import { connectEngine, listInstances, loadProject } from "../../common/context.ts";
import { partialNodes } from "../../common/one-engine.ts";
import { shortPath } from "./data.ts";

/** What there is of a copy, and goes with it. */
export interface Holdings {
  readonly project: Pick<Project, "name" | "folder" | "origin">;
  readonly hosts: readonly string[];
  readonly volumes: readonly string[];
  /** Its data folder; undefined where it has none, or another project's is there. */
  readonly folder: string | undefined;
}

/** @returns undefined for a copy that is not there */
export async function findHoldings(place: ProjectPlace): Promise<Holdings | undefined> {
  const { engine, project, instances } = await listInstances({ mayBeNew: true });
  const name = project.name ?? (await loadProject()).name;
  const own = { ...project, name };
  const volumes = await volumesOf(engine, own);
  const dataFolder = dataFolderOf(own, process.env);
  const { local } = await connectEngine();
  const isOwn = local && existsSync(dataFolder) && isOwnDataFolder({ ...own, dataFolder });
  const holdings = {
    project: own,
    hosts: instances.map(({ host }) => host),
    volumes: volumes.map((volume) => volume.name),
    folder: isOwn ? dataFolder : undefined,
  };
  const isThere = listHoldings(holdings).length > 0 || readCopyRecord(place) !== undefined;
  return isThere ? holdings : undefined;
}

/**
 * Whether data has to be looked for. On several machines it is removed before, on one at a time.
 *
 * @throws ReynsError INVALID_VALUE where there is some, or may be on a machine that is not connected
 */
export async function hasDataToRemove(): Promise<boolean> {
  const { engine, project, instances } = await listInstances({ mayBeNew: true });
  if (partialNodes(engine))
    throw new ReynsError("INVALID_VALUE", "a copy is removed when all of its machines answer", {
      hint: "leave node= out",
    });
  const { members = [] } = engine.fleet ?? {};
  if (members.length < 2) return true;
  const name = project.name ?? (await loadProject()).name;
  const volumes = await volumesOf(engine, { ...project, name });
  if (instances.length + volumes.length === 0) return false;
  const names = members.map((member) => member.name).join(", ");
  throw new ReynsError("INVALID_VALUE", "the data of a copy is removed on one machine at a time", {
    hint: `add data=true node=NAME, for each of these: ${names}; then call this again`,
  });
}

/** On all machines. */
async function volumesOf(
  engine: Engine,
  project: Parameters<typeof observeVolumes>[1],
): Promise<ObservedVolume[]> {
  const engines = engine.fleet?.members.map((member) => member.engine) ?? [engine];
  return (await Promise.all(engines.map((own) => observeVolumes(own, project)))).flat();
}

/** Each part of a copy in words. */
export function listHoldings({
  hosts,
  volumes,
  folder,
}: Pick<Holdings, "hosts" | "volumes" | "folder">): string[] {
  return [
    ...hosts,
    ...volumes.map((volume) => `volume ${volume}`),
    ...(folder === undefined ? [] : [`folder ${shortPath(folder)}`]),
  ];
}

/**
 * Only what a question has named is removed.
 *
 * @throws ReynsError PLAN_OUTDATED
 */
export function requireConfirmed(
  found: readonly string[],
  named: readonly string[],
  copy: string,
): void {
  const added = found.filter((part) => !named.includes(part));
  if (added.length === 0) return;
  const message = `the copy ${copy} got more meanwhile: ${summarizeList(added, 8)}`;
  throw new ReynsError("PLAN_OUTDATED", message, { hint: "nothing was removed; call it again" });
}
