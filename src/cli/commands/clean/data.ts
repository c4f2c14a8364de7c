import { existsSync, readdirSync } from "node:fs";
import { relative } from "node:path";
import { log } from "../../../ui/output/log.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { observeMounts } from "../../../runtime/observe/describe.ts";
import { observeForeignVolumes } from "../../../runtime/observe/volumes.ts";
import { currentPath } from "../../../plan/moved-mounts.ts";
import type { DeclaredData } from "../../../plan/declared-data.ts";
import { instanceData, type InstanceData } from "../../../plan/remove-data.ts";
import { dataFolderEntries } from "../../../model/resource-names.ts";
import { dataFolderOf } from "../../../project/locate.ts";
import type { ListedInstances } from "../../common/context.ts";
import type { ProjectFolder } from "../../../model/project.ts";
import type { ObservedInstance } from "../../../model/observed.ts";

/** Data that outlives containers. */
export interface CleanedData {
  /** Of instances that are being removed. */
  readonly kept: readonly InstanceData[];
  /** Folders of instances that are gone already. */
  readonly former: readonly InstanceData[];
  /** Volumes that no other instance uses. */
  readonly volumes: readonly string[];
}

export const noData: CleanedData = { kept: [], former: [], volumes: [] };

/** Observes the data that outlives the containers of the instances. */
export async function observeData(
  engine: Engine,
  instances: readonly ObservedInstance[],
  place: ListedInstances["place"],
): Promise<InstanceData[]> {
  const [mounts, foreign] = await Promise.all([
    observeMounts(engine, instances),
    observeForeignVolumes(engine, place.origin),
  ]);
  return instances.map((instance, index) => {
    const own = (mounts[index] ?? [])
      .filter(({ volume }) => !foreign.has(volume ?? ""))
      .map((mount) => ({ ...mount, source: currentPath(mount.source, place) }));
    return instanceData(instance, own);
  });
}

/**
 * The confirmation before instances are removed; undefined where none is needed: for a single instance without data,
 * and for Compose's `down`, which names volumes of the definition with `-v`, but no folders, and nothing beyond them.
 */
export function cleanQuestion(
  { leaving, data }: { readonly leaving: readonly unknown[]; readonly data: CleanedData },
  isConfirmed: boolean | "unlessFolders",
  undeclared: CleanedData = noData,
): string | undefined {
  if (isConfirmed === true) return undefined;
  const hasFolders = [...data.kept, ...data.former].some(({ folders }) => folders.length > 0);
  const isNamed = !hasFolders && placesOf(undeclared).length === 0;
  if (isConfirmed === "unlessFolders" && isNamed) return undefined;
  const question = dataQuestion(data);
  if (question !== undefined || leaving.length < 2) return question;
  return `Stop and remove these ${leaving.length} instances?`;
}

export interface SplitData {
  readonly declared: CleanedData;
  readonly undeclared: CleanedData;
}

/**
 * Parts data by whether the definition declares it.
 *
 * @param declared undefined where the definition cannot be read: it declares nothing then
 */
export function splitByDeclaration(
  { kept, former, volumes }: CleanedData,
  declared: DeclaredData | undefined,
): SplitData {
  const part = (isDeclared: boolean): CleanedData => {
    const hasHost = (host: string): boolean => (declared?.hasHost(host) ?? false) === isDeclared;
    const hasVolume = (name: string): boolean =>
      (declared?.hasVolume(name) ?? false) === isDeclared;
    return {
      kept: kept
        .map((data) => ({
          ...data,
          folders: hasHost(data.host) ? data.folders : [],
          volumes: data.volumes.filter(hasVolume),
        }))
        .filter((data) => data.folders.length + data.volumes.length > 0),
      former: former.filter(({ host }) => hasHost(host)),
      volumes: volumes.filter(hasVolume),
    };
  };
  return { declared: part(true), undeclared: part(false) };
}

/** All folders and volumes, each once, as a message names them. */
export function placesOf({ kept, former, volumes }: CleanedData): string[] {
  const places = [...listPlaces(kept), ...listPlaces(former), ...volumes.map(volumePlace)];
  return [...new Set(places)];
}

/** The confirmation before data is removed, which a single instance needs, too; undefined where there is no data. */
function dataQuestion(data: CleanedData): string | undefined {
  const own = listPlaces(data.kept);
  const left = [...listPlaces(data.former), ...data.volumes.map(volumePlace)].filter(
    (place) => !own.includes(place),
  );
  const hosts = data.kept.map(({ host }) => host).join(", ");
  const leftText = `data of removed instances: ${left.join(", ")}`;
  if (own.length === 0) return left.length === 0 ? undefined : `Remove ${leftText}?`;
  const ownText = `Remove ${hosts} with all data: ${own.join(", ")}`;
  return left.length === 0 ? `${ownText}?` : `${ownText}; and ${leftText}?`;
}

function listPlaces(data: readonly InstanceData[]): string[] {
  const places = data.flatMap(({ folders, volumes }) => [
    ...folders.map(shortPath),
    ...volumes.map(volumePlace),
  ]);
  return [...new Set(places)];
}

function volumePlace(name: string): string {
  return `volume ${name}`;
}

/** A path as it is called from the working directory. */
export function shortPath(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path.startsWith("..") ? folder : path;
}

/** Only what a question has named: more may have been left since. */
export function onlyConfirmed(data: CleanedData, confirmed: CleanedData): CleanedData {
  const folders = new Set(confirmed.former.flatMap((former) => former.folders));
  return {
    kept: data.kept,
    former: data.former.filter((former) => former.folders.every((folder) => folders.has(folder))),
    volumes: data.volumes.filter((name) => confirmed.volumes.includes(name)),
  };
}

/** Reports a data folder that has more than the persistent folders of instances. */
export function reportRemainingData(
  project: ProjectFolder & { readonly name: string | undefined },
): void {
  const data = dataFolderOf(project, process.env);
  if (!existsSync(data) || readdirSync(data).every((entry) => dataFolderEntries.has(entry))) return;
  log.info(`${shortPath(data)} still has data that no instance uses: delete it yourself`);
}
