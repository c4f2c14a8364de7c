import { relative, sep } from "node:path";
import type { Mount } from "../../model/container-spec.ts";
import { filePart } from "../../model/labels.ts";
import type { Project } from "../../model/project.ts";
import { mainDataFolder, privateFolder } from "../../model/resource-names.ts";
import type { Selection } from "../select/selection.ts";
import { tryExtraArgs } from "./docker-run-args.ts";
import { volumeMount } from "./mounts.ts";

/** Path of a file that an instance has mounted -> digest of what is in it. */
export type MountedFiles = ReadonlyMap<string, string>;

/**
 * Paths of the project whose content belongs to the definition of the instances that mount them: files that no instance
 * may write. What they are shows only when they are read.
 */
export function mountedPaths(project: Project, selections: readonly Selection[]): string[] {
  const mounts = definedMounts(project, selections);
  const written = new Set(mounts.filter(({ readOnly }) => !readOnly).map(({ source }) => source));
  const read = mounts.filter(({ readOnly }) => readOnly).map(({ source }) => source);
  return [...new Set(read)].filter((path) => !written.has(path) && isProjectFile(path, project));
}

function definedMounts(project: Project, selections: readonly Selection[]): Mount[] {
  const { instances } = project.conf;
  const options = [...instances, ...selections].map(({ extraArgs }) => extraArgs);
  const added = options.flatMap((text) => tryExtraArgs(text, { file: "" }).extra.volumes);
  return [...instances.flatMap(({ volumes }) => volumes), ...added]
    .map((volume) => volumeMount(volume, project, ""))
    .filter(({ type }) => type === "bind");
}

/** Whether a path is the project's folder, or in it. Instances write to the data folder, and Reyns to its own. */
export function isProjectFile(path: string, { folder, ...data }: Project): boolean {
  const isIn = (parent: string): boolean => path === parent || path.startsWith(parent + sep);
  return isIn(folder) && !isIn(mainDataFolder(data)) && !isIn(folder + sep + privateFolder);
}

/** The parts of a definition that the mounted files are. */
export function fileDigests(
  mounts: readonly Mount[],
  files: MountedFiles | undefined,
  { folder }: Pick<Project, "folder">,
): Record<string, string> {
  return Object.fromEntries(
    mounts.flatMap(({ type, source, readOnly }) => {
      const digest = type === "bind" && readOnly ? files?.get(source) : undefined;
      return digest === undefined ? [] : [[filePart(relative(folder, source)), digest]];
    }),
  );
}
