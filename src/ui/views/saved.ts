import { formatSize } from "../../lib/format-size.ts";
import { pluralize } from "../../lib/pluralize.ts";
import type { SavedIndex } from "../../model/saved-project.ts";
import { pad, widestOf } from "../output/width.ts";
import { timeText } from "./versions.ts";

/** What a saved project has, in numbers. */
export interface SavedCounts {
  readonly project: string;
  readonly conf: string;
  readonly commit: string | null;
  readonly savedAt: string;
  /** Name of the file that has to be loaded before. */
  readonly base: string | null;
  readonly images: readonly { readonly names: readonly string[]; readonly id: string }[];
  readonly layers: number;
  /** Those of them that only the base has. */
  readonly layersOfBase: number;
  readonly files: number;
  readonly filesOfBase: number;
  readonly receipts: readonly string[];
  readonly executable: string | null;
  /** Bytes. */
  readonly size: number;
}

export function savedCounts(index: SavedIndex, size: number): SavedCounts {
  const { images, blobs, files, filesOfBase, receipts, executable } = index;
  const layers = new Set(images.flatMap((image) => image.layers.map(({ digest }) => digest)));
  const present = new Set(blobs.map(({ digest }) => digest));
  return {
    project: index.project,
    conf: index.conf,
    commit: index.commit ?? null,
    savedAt: index.savedAt,
    base: index.base?.name ?? null,
    images: images.map(({ names, id }) => ({ names, id })),
    layers: layers.size,
    layersOfBase: [...layers].filter((digest) => !present.has(digest)).length,
    files: files.length,
    filesOfBase: filesOfBase.length,
    receipts: receipts.map(({ name }) => name),
    executable: executable ? `${executable.version} for ${executable.platform}` : null,
    size,
  };
}

/** @example "3 images, 12 layers (10 of them in shop-1.reyns), 24 files, 31.2 MB" */
export function savedSummary(index: SavedIndex, size: number): string {
  const counts = savedCounts(index, size);
  // Each has its signature beside it.
  const signed = counts.receipts.filter((name) => !name.endsWith(".sig"));
  const ofBase = (count: number): string =>
    count === 0 ? "" : ` (${count} of them in ${counts.base})`;
  return [
    pluralize(counts.images.length, "image"),
    pluralize(counts.layers, "layer") + ofBase(counts.layersOfBase),
    pluralize(counts.files, "file") + ofBase(counts.filesOfBase),
    ...(signed.length > 0 ? [pluralize(signed.length, "receipt")] : []),
    ...(counts.executable === null ? [] : [`Reyns ${counts.executable}`]),
    formatSize(size),
  ].join(", ");
}

/** The same for people, with the names of the images. */
export function formatSaved(index: SavedIndex, size: number): string {
  const { project, conf, commit, savedAt, base, receipts } = savedCounts(index, size);
  const images = index.images.map(({ names, id }) => [names.join(", ") || "no name", id] as const);
  const width = widestOf(images.map(([name]) => name));
  const rows = [
    ["project", project],
    ["conf", conf],
    ...(commit === null ? [] : [["commit", commit]]),
    ["saved", timeText(savedAt)],
    ...(base === null ? [] : [["on top of", base]]),
    ...images.map(([name, id]) => ["image", `${pad(name, width)}  ${id}`]),
    ...receipts.map((name) => ["receipt", name]),
    ["contents", savedSummary(index, size)],
  ];
  return rows.map(([key = "", value = ""]) => `${key.padEnd(10)} ${value}`).join("\n");
}
