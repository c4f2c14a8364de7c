import { createReadStream, statSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import * as v from "valibot";
import { ReynsError } from "../../errors.ts";
import { packTar } from "../../lib/tar.ts";
import { build } from "../../version.ts";
import { findStoredImage, type StoredImage } from "../../docker/images/image-archive.ts";
import {
  layerChains,
  savedEntries,
  savedIndexSchema,
  type SavedBlob,
  type SavedIndex,
} from "../../model/saved-project.ts";
import type { Engine } from "../connect.ts";
import { dockerManifest, ociLayout } from "./docker-layout.ts";
import { blobName, writeImages, type ExportedImages } from "./export-images.ts";
import { normalizeImages, withIds, type NormalizedImages } from "./images.ts";
import { whyLinksRefused } from "./links.ts";
import type { SavedProject } from "./open.ts";
import { withoutEnd, writeProjectFiles, type FileToPack } from "./pack-files.ts";
import { createSavedWriter, type SavedWriter } from "./writer.ts";

export interface SaveRequest extends Pick<SavedIndex, "project" | "conf" | "group" | "commit"> {
  /** The project's. */
  readonly folder: string;
  /** Names with tags or digests -> what the Engine has under them. */
  readonly images: ReadonlyMap<string, StoredImage>;
  readonly files: readonly FileToPack[];
  /** Paths. */
  readonly receipts: readonly string[];
  /** Path of the executable, if that is to be saved. */
  readonly executable: string | undefined;
  /** The file that has to be loaded before this one: what it has is left out. */
  readonly base: SavedProject | undefined;
}

interface SaveOptions {
  readonly signal: AbortSignal;
  /** @param bytes of the images so far, uncompressed */
  readonly onProgress: (bytes: number) => void;
}

/** Name -> image, for those that the Engine has. */
export async function findImagesToSave(
  engine: Engine,
  names: readonly string[],
): Promise<Map<string, StoredImage>> {
  const found = await Promise.all(names.map((name) => findStoredImage(engine, name)));
  return new Map(
    found.flatMap((image, index) => (image ? [[names[index] ?? "", image] as const] : [])),
  );
}

/**
 * Writes a project into one file, which appears under its name when it is complete.
 *
 * @throws ReynsError NO_ENGINE, ENGINE_REFUSED; the file system's errors
 */
export async function saveProject(
  engine: Engine,
  file: string,
  request: SaveRequest,
  options: SaveOptions,
): Promise<{ readonly index: SavedIndex; readonly size: number }> {
  const draft = `${file}.${process.pid}.part`;
  await rm(draft, { force: true });
  const handle = await open(draft, "wx+");
  try {
    const index = await write(engine, createSavedWriter(handle, options.signal), request, options);
    const { size } = await handle.stat();
    await handle.close();
    options.signal.throwIfAborted();
    await rename(draft, file);
    return { index, size };
  } finally {
    await handle.close().catch(() => {});
    await rm(draft, { force: true });
  }
}

async function write(
  engine: Engine,
  writer: SavedWriter,
  request: SaveRequest,
  { signal, onProgress }: SaveOptions,
): Promise<SavedIndex> {
  const { images, executable } = request;
  const base = request.base?.index;
  const packedExecutable = executable && (await writeExecutable(writer, executable, base));
  const files = await writeProjectFiles(writer, { ...request, base });
  const isLeftOut = leftOutLayers([...images.values()], base);
  const exported = await writeImages(engine, writer, {
    names: [...images.keys()],
    ids: new Set([...images.values()].map(({ id }) => id)),
    isLeftOut,
    onBytes: onProgress,
    signal,
  });
  const normalized = normalizeImages(exported, isLeftOut);
  const index: SavedIndex = {
    ...headOf(request),
    images: withIds(normalized, images),
    blobs: blobsOf(exported, normalized),
    ...(normalized.ociIndex !== undefined && { ociIndex: normalized.ociIndex }),
    ...files,
    ...(packedExecutable && { executable: packedExecutable }),
  };
  await writer.addEntries(withoutEnd(packTar(smallEntries(normalized, index))));
  requireLoadable(index);
  await writer.finish(index);
  return index;
}

/** @throws ReynsError FILE_REFUSED for what a load would refuse */
function requireLoadable(index: SavedIndex): void {
  const { issues } = v.safeParse(savedIndexSchema, index);
  const [issue] = issues ?? [];
  const reason = issue
    ? `${v.getDotPath(issue) ?? ""}: ${issue.message}: ${JSON.stringify(issue.input)}`
    : whyLinksRefused(index);
  if (reason === undefined) return;
  throw new ReynsError("FILE_REFUSED", `load would refuse what is saved: ${reason}`, {
    hint: "rename it, or put it into .gitignore",
  });
}

type IndexHead = Pick<
  SavedIndex,
  "format" | "reyns" | "project" | "conf" | "group" | "commit" | "savedAt" | "base"
>;

function headOf({ project, conf, group, commit, base }: SaveRequest): IndexHead {
  return {
    format: 1,
    reyns: build.version,
    project,
    conf,
    ...(group !== undefined && { group }),
    ...(commit !== undefined && { commit }),
    savedAt: new Date().toISOString(),
    ...(base && { base: { name: base.name, id: base.id, savedAt: base.index.savedAt } }),
  };
}

/** What is below `blobs/`, each once. */
function blobsOf({ large }: ExportedImages, { small }: NormalizedImages): SavedBlob[] {
  const blobs = [
    ...[...large.values()].filter(({ isLeftOut }) => !isLeftOut),
    ...[...small].map(([digest, { length }]) => ({ digest, size: length })),
  ];
  return [
    ...new Map(blobs.map(({ digest, size }) => [digest, { digest, size }] as const)).values(),
  ];
}

/**
 * Which layers the base makes superfluous: the Engine has a layer on top of the layers below it, so one that is also on
 * top of others is needed.
 */
function leftOutLayers(
  images: readonly StoredImage[],
  base: SavedIndex | undefined,
): (digest: string) => boolean {
  const chains = layerChains(
    (base?.images ?? []).map(({ layers }) => layers.map(({ diffId }) => diffId)),
  );
  const needed = new Set(
    [...layerChains(images.map(({ diffIds }) => diffIds))]
      .filter((chain) => !chains.has(chain))
      .map((chain) => chain.slice(chain.lastIndexOf(" ") + 1)),
  );
  const diffIdOf = new Map(
    (base?.images ?? []).flatMap(({ layers }) => layers.map((one) => [one.digest, one.diffId])),
  );
  return (digest) => {
    const diffId = diffIdOf.get(digest);
    return diffId !== undefined && !needed.has(diffId);
  };
}

/** With the manifest, also for a `docker load` without Reyns. */
function smallEntries(
  { small, ociIndex }: NormalizedImages,
  index: SavedIndex,
): Parameters<typeof packTar>[0] {
  const entry = (name: string, content: Buffer) =>
    ({ name, type: "file", mode: 0o644, linkname: undefined, content }) as const;
  return [
    ...[...small].map(([digest, content]) => entry(blobName(digest), content)),
    entry("manifest.json", Buffer.from(dockerManifest(index))),
    ...(ociIndex === undefined
      ? []
      : [entry("index.json", Buffer.from(ociIndex)), entry("oci-layout", Buffer.from(ociLayout))]),
  ];
}

async function writeExecutable(
  writer: SavedWriter,
  path: string,
  base: SavedIndex | undefined,
): Promise<NonNullable<SavedIndex["executable"]>> {
  const { size } = statSync(path);
  const known = base?.executable?.digest;
  const digest = await writer.addFile(
    { name: (own) => (own === known ? undefined : savedEntries.executable), size, mode: 0o755 },
    createReadStream(path, { highWaterMark: 256 * 1024 }),
  );
  const platform = `${process.platform}-${process.arch}`;
  return { digest, size, version: build.version, platform, isOfBase: digest === known };
}
