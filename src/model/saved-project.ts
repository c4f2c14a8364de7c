import { dirname, normalize } from "node:path/posix";
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

/** Names of confs and groups go into calls that are printed. */
const plainName = v.pipe(v.string(), v.regex(/^[\p{L}\p{N}_][\p{L}\p{N}_ .@+-]*$/u, "no name"));

const fileEntries = v.object({
  path: v.pipe(v.string(), v.check(isProjectPath, "no path of a project's file")),
  type: v.picklist(["file", "directory", "symlink"]),
  /** Permissions. */
  mode: v.pipe(count, v.maxValue(0o7777)),
  /** Of a file. */
  digest: v.optional(digest),
  size: count,
  /** Where a link leads. */
  target: v.optional(v.string()),
});

const file = v.pipe(
  fileEntries,
  v.check(({ type, digest: own }) => (type === "file") === (own !== undefined), "no digest"),
  v.check(({ type, target }) => (type === "symlink") === (target !== undefined), "no target"),
);

/** No file system takes two of the same path. */
const files = v.pipe(
  v.array(file),
  v.check((all) => new Set(all.map(({ path }) => path)).size === all.length, "a path twice"),
);

/** The table of contents of a file that `save` writes: its entry `reyns.json`. */
export const savedIndexSchema = v.object({
  format: v.literal(1),
  /** Version of Reyns. */
  reyns: v.string(),
  project: v.pipe(v.string(), v.regex(/^[a-z0-9][\w.-]*$/i, "no name of a project")),
  conf: plainName,
  group: v.optional(plainName),
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
  files,
  /** Paths of those of `files` that the base has, and this file has not. */
  filesOfBase: v.array(v.string()),
  receipts: v.array(
    v.object({ ...blob.entries, name: v.pipe(v.string(), v.check(isReceiptName, "no name")) }),
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

/** Whether a receipt may be packed under a name. */
export function isReceiptName(text: string): boolean {
  return /^\w[\w.-]*$/.test(text);
}

/**
 * Whether a link at a path stays in the project's folder, also where it leads through other links.
 *
 * @param links path -> target, of the other links of the project
 */
export function linkStaysInside(
  path: string,
  target: string,
  links: ReadonlyMap<string, string> = new Map(),
): boolean {
  if (!isRelative(target)) return false;
  const place = dirname(path) === "." ? [] : dirname(path).split("/");
  const names = target.split("/");
  // The kernel follows no more.
  for (let followed = 0; followed <= 40;) {
    if (names.length === 0) return true;
    const name = names.shift() ?? "";
    if (name === ".." && place.pop() === undefined) return false;
    if (["", ".", ".."].includes(name)) continue;
    const next = links.get([...place, name].join("/"));
    if (next === undefined) place.push(name);
    else {
      if (!isRelative(next)) return false;
      names.unshift(...next.split("/"));
      followed += 1;
    }
  }
  return true;
}

function isRelative(target: string): boolean {
  return target !== "" && !target.startsWith("/") && !target.includes("\0");
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
