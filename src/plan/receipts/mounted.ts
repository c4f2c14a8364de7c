import { join, relative } from "node:path";
import type { Project } from "../../model/project.ts";
import { privatePathsOf } from "../../model/resource-names.ts";
import { tryExtraArgs } from "../describe/docker-run-args.ts";
import { isProjectFile } from "../describe/mounted-files.ts";
import { volumeMount } from "../describe/mounts.ts";
import type { SelectedInstance } from "../select/selection.ts";

/** A file or folder of the host that an instance mounts. */
export interface MountedSource {
  readonly host: string;
  /** Absolute. */
  readonly source: string;
  readonly readOnly: boolean;
  /** It belongs to the project, rather than to the host or to the data of instances. */
  readonly isOwn: boolean;
}

/** What instances mount from the host by their definition. */
export function mountedSources(
  project: Project,
  instances: readonly SelectedInstance[],
): MountedSource[] {
  return instances.flatMap(({ host, definition }) => {
    const { extra } = tryExtraArgs(definition.extraArgs, definition.at);
    return [...definition.volumes, ...extra.volumes]
      .map((volume) => volumeMount(volume, project, host))
      .filter(({ type }) => type === "bind")
      .map(({ source, readOnly }) => {
        return { host, source, readOnly, isOwn: isProjectFile(source, project) };
      });
  });
}

/** Paths in the project's folder that are this host's own: they differ wherever the project is. */
export function hostPaths(project: Pick<Project, "folder" | "dataFolder" | "origin">): string[] {
  return [...privatePathsOf(project), join(project.folder, ".git")];
}

/** `./site`, `.` for the project's folder itself, or the whole path of what is elsewhere. */
export function shownPath(path: string, { folder }: Pick<Project, "folder">): string {
  const inside = relative(folder, path);
  if (inside === "") return ".";
  return inside === ".." || inside.startsWith("../") ? path : `./${inside}`;
}

/** Whether a path is that of a folder, or below it. */
export function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
