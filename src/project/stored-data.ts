import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Project } from "../model/project.ts";
import { dataFolderEntries } from "../model/resource-names.ts";
import { isOwnDataFolder } from "./data-folder.ts";

/** Host name of an instance, and those of its persistent folders that are in the data folder. */
export interface StoredData {
  readonly host: string;
  readonly folders: readonly string[];
}

/**
 * Lists the persistent folders in a project's data folder, of existing and removed instances.
 *
 * @param names of the folders that an instance can have
 * @returns nothing where the data folder is not this project's
 */
export function listStoredData(
  project: Pick<Project, "name" | "folder" | "origin" | "movedFrom" | "dataFolder">,
  names: readonly string[],
): StoredData[] {
  const { dataFolder } = project;
  if (!isOwnDataFolder(project)) return [];
  return readdirSync(dataFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !dataFolderEntries.has(entry.name))
    .map(({ name: host }) => ({
      host,
      folders: names.map((name) => join(dataFolder, host, name)).filter((path) => existsSync(path)),
    }))
    .filter(({ folders }) => folders.length > 0);
}
