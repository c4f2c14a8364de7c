import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { relative, sep } from "node:path";
import { copyNameOf } from "../../../model/copy-origin.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import type { ObservedVolume } from "../../../model/observed-volume.ts";
import type { Project } from "../../../model/project.ts";
import {
  dataFolderEntries,
  isUnnamedVolume,
  mainDataFolder,
  volumeNameOf,
} from "../../../model/resource-names.ts";
import { dataFolderOf } from "../../../project/locate.ts";
import { cloneData, type DataClone } from "../../../runtime/copies/clone-data.ts";
import { observeContainers } from "../../../runtime/observe/containers.ts";
import { observeVolumes } from "../../../runtime/observe/volumes.ts";
import { withSlowNotice } from "../../../ui/progress/slow-notice.ts";
import { connectEngine } from "../../common/context.ts";
import type { LockedProject } from "../../common/with-project-lock.ts";

/** Copies the volumes and the data folder of a project, or of a copy of it, for a new copy. */
export async function cloneCopy(
  copy: Project,
  from: Project,
  { holdExit }: Pick<LockedProject, "holdExit">,
): Promise<void> {
  const engine = await connectEngine();
  const source = { ...from, dataFolder: dataFolderOf(from, process.env) };
  const { instances } = await observeContainers(engine, source, async () => source.name);
  const temporary = new Set(instances.map(({ temporaryVolume }) => temporaryVolume));
  const volumes = (await observeVolumes(engine, source))
    .filter(({ name }) => !isUnnamedVolume(name) && !temporary.has(name))
    .map((volume) => ({ from: volume.name, to: nameInCopy(volume, source, copy) }));
  const folder = engine.local ? foldersOf(source, copy) : undefined;
  const names = new Set(volumes.map((volume) => volume.from));
  const writers = instances.filter(
    (one) => one.state === "running" && writesTo(one, names, source),
  );
  const images = instances.map(({ imageId }) => imageId);
  const cloning = cloneData(engine, { owner: copy, volumes, folder, images, writers });
  // Nobody else would let them go on.
  holdExit(cloning);
  await withSlowNotice("copying data", cloning);
}

/** `shop-4f2c91-store` -> `shop-demo-a81b20-store`; a fixed name has the copy's at its end. */
function nameInCopy({ name, shortName }: ObservedVolume, source: Project, copy: Project): string {
  if (name !== shortName) return volumeNameOf(copy, shortName);
  const suffix = copyNameOf(source.origin);
  const plain = suffix === undefined ? name : name.slice(0, -`-${suffix}`.length);
  return `${plain}-${copyNameOf(copy.origin)}`;
}

/** Everything in the data folder but what Reyns has put there. What an earlier attempt has left is removed. */
function foldersOf(source: Project, copy: Project): DataClone["folder"] {
  if (!existsSync(source.dataFolder)) return undefined;
  const root = mainDataFolder(source);
  const inside = relative(root, source.dataFolder);
  const entries = readdirSync(source.dataFolder).filter((entry) => !dataFolderEntries.has(entry));
  if (entries.length === 0) return undefined;
  rmSync(copy.dataFolder, { recursive: true, force: true });
  mkdirSync(copy.dataFolder, { recursive: true });
  const to = relative(root, copy.dataFolder);
  return {
    root,
    entries: entries.map((entry) => (inside === "" ? entry : `${inside}/${entry}`)),
    to,
  };
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
