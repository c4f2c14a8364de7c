import type path from "node:path";

// What most commands need of `node:path`, which takes 0.4 ms to load: as much as all of ours that a list needs. On Windows,
// where there are two separators and drives, it is asked itself.

/** `node:path`, for whoever needs it after all. */
export function nodePath(): typeof path {
  return process.getBuiltinModule("node:path");
}

const isWindows = process.platform === "win32";

/**
 * What is in a folder, or below it. Nothing is normalized: what stands in the folder's name stays.
 *
 * @example
 * join("/srv/shop", ".reyns", "keys") // "/srv/shop/.reyns/keys"
 */
export function join(folder: string, ...names: readonly string[]): string {
  if (isWindows) return nodePath().join(folder, ...names);
  const inside = names.join("/");
  return folder.endsWith("/") ? `${folder}${inside}` : `${folder}/${inside}`;
}

/** The folder that something is in; of the root itself. For absolute paths without a `/` at the end. */
export function dirname(place: string): string {
  if (isWindows) return nodePath().dirname(place);
  return place.slice(0, place.lastIndexOf("/")) || "/";
}

/** The last name of a path, empty for the root. For paths without a `/` at the end. */
export function basename(place: string): string {
  return isWindows ? nodePath().basename(place) : place.slice(place.lastIndexOf("/") + 1);
}
