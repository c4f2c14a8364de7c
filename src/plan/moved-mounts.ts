import { sep } from "node:path";
import { digestPart } from "./describe/config-hash.ts";
import type { Mount } from "../model/container-spec.ts";
import type { ObservedInstance } from "../model/observed.ts";
import type { Project } from "../model/project.ts";

/** The part of a definition that differs when nothing but the project's folder has moved. */
export const folderPart = "folder";

type MovedProject = Pick<Project, "folder" | "movedFrom">;

/**
 * The part that has changed where the mounts of an instance differ from its definition: they may only lead to the
 * project's former folder. Keys that were copied into the container are not affected by a move.
 *
 * @param before digest of the mounts that the container was made with
 */
export function changedMounts(
  before: string | undefined,
  mounts: readonly Mount[],
  existing: ObservedInstance,
  project: MovedProject,
): "mounts" | "folder" | undefined {
  const { folder, movedFrom = [] } = project;
  const isMoveOnly = movedFrom.some(
    (former) => digestPart(mounts.map((mount) => withFolder(mount, folder, former))) === before,
  );
  if (!isMoveOnly) return "mounts";
  return hasFormerMounts(existing, project) ? folderPart : undefined;
}

/** Whether an instance has mounted paths of the project's former folders. */
export function hasFormerMounts(
  { mounts }: ObservedInstance,
  { movedFrom = [] }: Pick<Project, "movedFrom">,
): boolean {
  return mounts.some(
    ({ volume, source }) => volume === null && movedFrom.some((former) => isInside(source, former)),
  );
}

/** Where a path of the host is that a container has mounted, also when the project's folder has moved since. */
export function currentPath(path: string, { folder, movedFrom = [] }: MovedProject): string {
  const former = movedFrom.find((one) => isInside(path, one));
  return former === undefined ? path : folder + path.slice(former.length);
}

function withFolder(mount: Mount, folder: string, former: string): Mount {
  const isOwn = mount.type === "bind" && isInside(mount.source, folder);
  return isOwn ? { ...mount, source: former + mount.source.slice(folder.length) } : mount;
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}
