import { dirname, join, normalize } from "node:path/posix";
import * as v from "valibot";
import { hostConfFile, privateFolder } from "./resource-names.ts";

const digest = v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/, "no SHA-256"));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const blob = v.object({ digest, size: count });

const layer = v.object({
  ...blob.entries,
  /** Digest of its tar; another one than `digest` where the Engine keeps it compressed. */
  diffId: digest,
});

const image = v.object({
  /** With their tags; none for an image that is known by its id alone. */
  names: v.array(v.string()),
  /** As the Engine that saved it calls it. */
  id: digest,
  config: digest,
  layers: v.array(layer),
});

const file = v.object({
  path: v.pipe(v.string(), v.check(isProjectPath, "no path of a project's file")),
  type: v.picklist(["file", "directory", "symlink"]),
  /** Permissions. */
  mode: v.pipe(count, v.maxValue(0o777)),
  /** Of a file. */
  digest: v.optional(digest),
  size: count,
  /** Where a link leads. */
  target: v.optional(v.string()),
});

/** The table of contents of a file that `save` writes: its entry `reyns.json`. */
export const savedIndexSchema = v.object({
  format: v.literal(1),
  /** Version of Reyns. */
  reyns: v.string(),
  project: v.pipe(v.string(), v.regex(/^[a-z0-9][\w.-]*$/i, "no name of a project")),
  conf: v.string(),
  group: v.optional(v.string()),
  /** As `git describe` writes it. */
  commit: v.optional(v.string()),
  /** ISO 8601. */
  savedAt: v.string(),
  /** The file that has to be loaded before: what is in it and still counts is not in this one. */
  base: v.optional(v.object({ name: v.string(), id: digest, savedAt: v.string() })),
  images: v.array(image),
  /** Everything below `blobs/` that this file has. */
  blobs: v.array(blob),
  /** The index of an OCI layout, where the Engine writes one. */
  ociIndex: v.optional(v.string()),
  files: v.array(file),
  /** Paths of those of `files` that the base has, and this file has not. */
  filesOfBase: v.array(v.string()),
  receipts: v.array(
    v.object({ ...blob.entries, name: v.pipe(v.string(), v.regex(/^\w[\w.-]*$/, "no name")) }),
  ),
  executable: v.optional(
    v.object({ ...blob.entries, version: v.string(), platform: v.string(), isOfBase: v.boolean() }),
  ),
});

export type SavedIndex = v.InferOutput<typeof savedIndexSchema>;
export type SavedImage = SavedIndex["images"][number];
export type SavedFile = SavedIndex["files"][number];
export type SavedBlob = SavedIndex["blobs"][number];

/** Names of the entries of a saved project. */
export const savedEntries = {
  index: "reyns.json",
  blobs: "blobs/sha256/",
  files: "project/",
  receipts: "receipts/",
  executable: "reyns",
} as const;

/** What `save` adds to the name of a project. */
export const savedExtension = ".reyns";

/** Whether a file may come into a project's folder from elsewhere: not outside of it, and nothing that is this host's own. */
function isProjectPath(path: string): boolean {
  if (path === "" || path.includes("\0") || normalize(path) !== path || path.endsWith("/"))
    return false;
  // Some file systems take no notice of the case.
  const names = path.toLowerCase().split("/");
  return (
    !["", ".", "..", privateFolder, hostConfFile].includes(names[0] ?? "") &&
    !names.includes(".git")
  );
}

/** Whether a link at a path stays in the project's folder. */
export function linkStaysInside(path: string, target: string): boolean {
  if (target === "" || target.startsWith("/") || target.includes("\0")) return false;
  return !join(dirname(path), target).split("/").includes("..");
}

/**
 * The chains of layers of images: each is known by the digests of all layers up to it, as the Engine knows it.
 *
 * @param diffIds of each image
 */
export function layerChains(diffIds: readonly (readonly string[])[]): Set<string> {
  return new Set(
    diffIds.flatMap((ids) => ids.map((_, index) => ids.slice(0, index + 1).join(" "))),
  );
}
