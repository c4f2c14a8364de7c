import { existsSync, readdirSync } from "node:fs";
import { relative, sep } from "node:path";
import { ReynsError } from "../../../errors.ts";
import { copyNameOf, mainCopy } from "../../../model/copy-origin.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import type { ObservedVolume } from "../../../model/observed-volume.ts";
import type { Project } from "../../../model/project.ts";
import {
  dataFolderEntries,
  isUnnamedVolume,
  mainDataFolder,
  volumeNameOf,
} from "../../../model/resource-names.ts";
import { writeCloneRecord } from "../../../project/clone-record.ts";
import { checkDataFolder, claimDataFolder, isOwnDataFolder } from "../../../project/data-folder.ts";
import { dataFolderOf } from "../../../project/locate.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { checkTargets, cloneData, type DataClone } from "../../../runtime/copies/clone-data.ts";
import { removeDataStep } from "../../../runtime/executor/steps/remove-data.ts";
import { observeContainers } from "../../../runtime/observe/containers.ts";
import { observeDriverVolumes, observeVolumes } from "../../../runtime/observe/volumes.ts";
import { withSlowNotice } from "../../../ui/progress/slow-notice.ts";
import { connectEngine } from "../../common/context.ts";
import { folderRemoval } from "../../common/folder-removal.ts";
import type { LockedProject } from "../../common/with-project-lock.ts";

/**
 * Copies the volumes and the data folder of a project, or of a copy of it, for a new copy. Until that is done, a record
 * in the copy's folder says so, with what is paused meanwhile.
 *
 * @throws ReynsError INVALID_PROJECT, NAME_TAKEN, VOLUME_IN_USE, FILE_REFUSED, INTERRUPTED
 */
export async function cloneCopy(
  copy: Project,
  from: Project,
  locks: readonly Pick<LockedProject, "begin" | "holdExit" | "signal">[],
): Promise<void> {
  const engine = await connectEngine();
  const source = { ...from, dataFolder: dataFolderOf(from, process.env) };
  if (engine.local) for (const project of [source, copy]) checkDataFolder(project);
  const { instances } = await observeContainers(engine, source, async () => source.name);
  const volumes = await volumesToClone(engine, source, copy, instances);
  await checkTargets(engine, { owner: copy, volumes });
  const names = new Set(volumes.map((volume) => volume.from));
  const writers = instances.filter(
    (one) => one.state === "running" && writesTo(one, names, source),
  );
  const images = instances.map(({ imageId }) => imageId);
  const recordPaused = (paused: readonly string[]): void =>
    writeCloneRecord(copy, { from: copyNameOf(source.origin) ?? mainCopy, paused }, process.env);
  const clone = async (): Promise<void> => {
    recordPaused([]);
    const folder = engine.local ? await prepareFolder(engine, source, copy) : undefined;
    const data: DataClone = { owner: copy, volumes, folder, images, writers };
    const signal = AbortSignal.any(locks.map((lock) => lock.signal));
    await cloneData(engine, data, { signal, recordPaused });
  };
  for (const { begin } of locks) begin();
  const cloning = clone();
  // Nobody else would let them go on.
  for (const { holdExit } of locks) holdExit(cloning);
  await withSlowNotice("copying data", cloning);
}

/** Not those that all copies share: external ones, and those whose driver decides where their data is. */
async function volumesToClone(
  engine: Engine,
  source: Project,
  copy: Project,
  instances: readonly ObservedInstance[],
): Promise<DataClone["volumes"]> {
  const { volumes: defined = {} } = copy.conf;
  const external = Object.entries(defined).flatMap(([key, volume]) =>
    volume.external ? [volume.name ?? key] : [],
  );
  const excluded = new Set<string | null | undefined>([
    ...external,
    ...instances.map(({ temporaryVolume }) => temporaryVolume),
    ...(await observeDriverVolumes(engine)),
  ]);
  return (await observeVolumes(engine, source))
    .filter(({ name }) => !isUnnamedVolume(name) && !excluded.has(name))
    .map((volume) => ({ from: volume.name, to: nameInCopy(volume, source, copy) }));
}

/** `shop-4f2c91-store` -> `shop-demo-a81b20-store`; a fixed name has the copy's at its end. */
function nameInCopy({ name, shortName }: ObservedVolume, source: Project, copy: Project): string {
  if (name !== shortName) return volumeNameOf(copy, shortName);
  const suffix = copyNameOf(source.origin);
  const plain = suffix === undefined ? name : name.slice(0, -`-${suffix}`.length);
  return `${plain}-${copyNameOf(copy.origin)}`;
}

/**
 * Everything in the data folder but what Reyns has put there. Removes what an earlier attempt has left, and claims the
 * folder before anything is in it.
 */
async function prepareFolder(
  engine: Engine,
  source: Project,
  copy: Project,
): Promise<DataClone["folder"]> {
  if (existsSync(copy.dataFolder)) {
    requireOwnFolder(copy);
    const step = await folderRemoval(engine, copy, copy.dataFolder);
    await removeDataStep(step, { engine });
  }
  if (!existsSync(source.dataFolder)) return undefined;
  const root = mainDataFolder(source);
  const inside = relative(root, source.dataFolder);
  const entries = readdirSync(source.dataFolder).filter((entry) => !dataFolderEntries.has(entry));
  if (entries.length === 0) return undefined;
  claimDataFolder(copy);
  const to = relative(root, copy.dataFolder);
  return {
    root,
    entries: entries.map((entry) => (inside === "" ? entry : `${inside}/${entry}`)),
    to,
  };
}

/** Nothing is removed of which it is not known that this copy made it. */
function requireOwnFolder(copy: Project): void {
  if (isOwnDataFolder(copy)) return;
  const message = `${copy.dataFolder} is there already, and does not belong to this copy`;
  const hint = "move or remove it, or give the copy another name";
  throw new ReynsError("FILE_REFUSED", message, { hint });
}

function writesTo(
  { mounts }: ObservedInstance,
  volumes: ReadonlySet<string>,
  { dataFolder }: Project,
): boolean {
  return mounts.some(({ volume, source }) =>
    volume === null ? source.startsWith(dataFolder + sep) : volumes.has(volume),
  );
}
