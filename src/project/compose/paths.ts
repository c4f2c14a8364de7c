import { isAbsolute, join, posix } from "node:path";
import type { ReadContext } from "./codec.ts";
import { textLike } from "./scalar-codecs.ts";

type Folders = Pick<ReadContext, "folder" | "home">;

/** A path relative to the file's folder, or to the home with `~`. Absolute ones stay as they are, also those of Windows. */
export function absolutePath(path: string, { folder, home }: Folders): string {
  const expanded = path.startsWith("~") && home !== undefined ? join(home, path.slice(1)) : path;
  const isFinal = expanded === "" || isAbsolute(expanded) || isWindowsPath(expanded);
  return isFinal ? expanded : withoutSlash(join(folder, expanded));
}

/** As `absolutePath`; an empty path is the folder. */
export function absoluteSource(path: string, folders: Folders): string {
  return absolutePath(path === "" ? "." : path, folders);
}

function isWindowsPath(path: string): boolean {
  return /^([a-z]:[\\/]|\\\\)/i.test(path);
}

/** A build context: a folder, or something that the builder fetches. */
function absoluteContext(context: string, folders: Folders): string {
  const isRemote = context.includes("://") || /^(service:|github\.com\/|git@)/.test(context);
  return isRemote ? context : absolutePath(context, folders);
}

export const path = textLike("a path", (text, _, context) => absolutePath(text, context));
export const contextPath = textLike("a path or an address", (text, _, context) =>
  absoluteContext(text, context),
);

/** A path in a container, without `.`, `..` and a slash at its end. */
export function cleanTarget(target: string): string {
  // One that is not absolute is reported as it is written.
  if (!target.startsWith("/")) return target;
  return withoutSlash(posix.normalize(target));
}

function withoutSlash(given: string): string {
  return given.length > 1 && given.endsWith("/") ? given.slice(0, -1) : given;
}
