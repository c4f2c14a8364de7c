import { readdirSync } from "node:fs";
import { join } from "node:path";
import { hostConfFile } from "../../model/resource-names.ts";

/** Where a project's confs may be. */
export interface ConfFolders {
  readonly folder: string;
  /** The oldest projects have their confs beside their services. */
  readonly servicesFolder: string;
}

export interface ConfFile {
  readonly name: string;
  readonly path: string;
}

/**
 * The confs of a project; one in the project's folder hides one of the same name in the services folder. `host.conf` holds
 * values of the host instead. Folders that cannot be read have none.
 */
export function listConfFiles({ folder, servicesFolder }: ConfFolders): ConfFile[] {
  const files = [folder, servicesFolder].flatMap((parent) =>
    namesIn(parent)
      .filter((file) => file.endsWith(".conf") && file !== hostConfFile)
      .map((file) => ({ name: file.slice(0, -".conf".length), path: join(parent, file) })),
  );
  return files.filter(({ name }, index) => files.findIndex((file) => file.name === name) === index);
}

/** @returns undefined if the project has no file for this conf */
export function findConfFile(place: ConfFolders, name: string): ConfFile | undefined {
  return listConfFiles(place).find((file) => file.name === name);
}

export function confNamesIn(place: ConfFolders): string[] {
  return listConfFiles(place).map(({ name }) => name);
}

/** Without a `reyns.ts`, a project with a `run.conf` and no `default.conf` is one of DockerOps. */
export function isDockerOpsProject(place: ConfFolders): boolean {
  const names = confNamesIn(place);
  return names.includes("run") && !names.includes("default");
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
