import { posix } from "node:path";
import { statPath, type PathStat } from "../../docker/containers/archive.ts";
import { ReynsError } from "../../errors.ts";
import type { Engine } from "../connect.ts";
import type { CopySettings } from "./count.ts";

/** A path in a container. */
export interface ContainerPath {
  readonly engine: Engine;
  /** Of the container, which need not run. */
  readonly id: string;
  /** The instance, for messages. */
  readonly host: string;
  /** From the root; a slash or a dot at its end counts. */
  readonly path: string;
}

export interface CopyOptions extends CopySettings {
  /** Copies what a link leads to instead of the link. */
  readonly followLink: boolean;
  readonly signal: AbortSignal;
}

/** A path as it was found in a container. */
export interface FoundPath extends PathStat {
  /** From the root, without links at its end if they were followed. */
  readonly path: string;
}

/** More links in a row lead in a circle. */
const mostLinks = 40;

/**
 * Looks at a path of a container, and where a link leads.
 *
 * @returns undefined when there is nothing
 */
export async function findPath(
  { engine, id }: ContainerPath,
  path: string,
  { followLink }: { readonly followLink: boolean },
): Promise<FoundPath | undefined> {
  let current = posix.join("/", path);
  for (let links = 0; links < mostLinks; links += 1) {
    if (current.length > 1) current = current.replace(/\/$/, "");
    const found = await statPath(engine, id, current);
    if (!found || !followLink || found.kind !== "link") return found && { ...found, path: current };
    current = posix.resolve(posix.dirname(current), found.linkTarget);
  }
  return undefined;
}

/** `/etc/` and `/etc/.` mean a folder, also behind a link. */
export function meansFolder(path: string): boolean {
  return /(^|\/)\.{0,2}$/.test(path);
}

/** `/etc/.` means what is in the folder. */
export function meansContents(path: string): boolean {
  return /(^|\/)\.$/.test(path);
}

export function copyRefused(message: string, hint?: string): ReynsError {
  return new ReynsError("FILE_REFUSED", message, { hint });
}
