import { readArchive } from "../../docker/containers/archive.ts";
import { removeContainer } from "../../docker/containers/containers.ts";
import { createContainerFrom } from "../../docker/containers/create.ts";
import type { StoredImage } from "../../docker/images/image-archive.ts";
import { readTarEntries } from "../../lib/tar-entries.ts";
import { sha256Hex } from "../../lib/sha256.ts";
import type { SavedImage } from "../../model/saved-project.ts";
import type { Engine } from "../connect.ts";
import { blobName } from "../saved/export-images.ts";
import { openUnlinked, type BlobFile } from "./blob-file.ts";
import { joinPieces, parseTarSplit, sizeOf, writeContents } from "./tar-split.ts";

/** Images whose needed layers were read. */
export interface StoredImages {
  readonly images: readonly SavedImage[];
  /** Their configurations, by digest. */
  readonly small: ReadonlyMap<string, Buffer>;
}

interface ReadOptions {
  readonly needed: ReadonlySet<string>;
  readonly blobs: Pick<BlobFile, "addFile">;
  /** Called with all bytes that were read so far. */
  readonly onBytes: (bytes: number) => void;
  /** Others than Docker's own store need the manifest that an export has, with the sizes of all layers. */
  readonly isForClassicOnly: boolean;
  readonly signal: AbortSignal;
}

/**
 * Reads only the layers that are needed. An export has all of an image, of which the Engine first makes a copy; so the
 * folders of the layers are mounted into a container that is never started, which packs them. All that is read is
 * checked by its digest.
 *
 * @returns undefined where all is needed, where an Engine has another image store, or where it does not work
 */
export async function readNeededLayers(
  engine: Engine,
  images: ReadonlyMap<string, StoredImage>,
  options: ReadOptions,
): Promise<StoredImages | undefined> {
  const stored = [...images.values()];
  const [first] = images;
  const isPart = stored.some(({ diffIds }) => diffIds.some((id) => !options.needed.has(id)));
  const layers = findLayers(stored, options.needed);
  const place = placeOf(first?.[1].layerFolders?.[0]);
  if (!options.isForClassicOnly || !first || !isPart) return undefined;
  if (!layers || place === undefined) return undefined;
  const ids = [...new Set(stored.map(({ id }) => id))];
  const configs = ids.map((id) => `${place}/imagedb/content/${id.replace(":", "/")}`);
  const mounts = [
    ...layers.map(({ folder }, index) => mountOf(folder, `${index}/files`)),
    ...layers.map(({ chain }, index) =>
      mountOf(`${place}/layerdb/sha256/${chain}`, `${index}/record`),
    ),
    ...configs.map((path, index) => mountOf(path, `config${index}`)),
  ];
  try {
    await using container = await createReader(engine, first, mounts);
    const small = new Map<string, Buffer>();
    for (const [index, id] of ids.entries())
      small.set(id, await readConfig(engine, container.id, { index, id }, options));
    const onRead = countBytes(options.onBytes);
    const sizes = new Map<string, number>();
    for (const [index, { diffId }] of layers.entries()) {
      const file = { index, diffId, onRead };
      sizes.set(diffId, await readLayer(engine, container.id, file, options));
    }
    return { images: describe(images, sizes), small };
  } catch {
    options.signal.throwIfAborted();
    return undefined;
  }
}

interface StoredLayer {
  readonly diffId: string;
  readonly folder: string;
  /** What Docker's store knows it by, in hexadecimal: the layer on top of those below it. */
  readonly chain: string;
}

/** Each needed layer once; undefined where the folder of one is not known. */
function findLayers(
  images: readonly StoredImage[],
  needed: ReadonlySet<string>,
): StoredLayer[] | undefined {
  const found = new Map<string, StoredLayer>();
  for (const { diffIds, layerFolders } of images) {
    let chain = "";
    for (const [index, diffId] of diffIds.entries()) {
      chain = index === 0 ? diffId : `sha256:${sha256Hex(`${chain} ${diffId}`)}`;
      const folder = layerFolders?.[index];
      if (folder === undefined) return undefined;
      if (needed.has(diffId))
        found.set(diffId, { diffId, folder, chain: chain.replace("sha256:", "") });
    }
  }
  return [...found.values()];
}

/** Where the store keeps what it knows of layers: beside the folders of these. */
function placeOf(folder = ""): string | undefined {
  const root = /^(\/.+)\/overlay2\/[^/]+\/diff$/.exec(folder)?.[1];
  return root === undefined ? undefined : `${root}/image/overlay2`;
}

/** Unlike one of `Binds`, a mount makes no folder where the Engine has none at that path. */
function mountOf(Source: string, name: string) {
  return { Type: "bind", Source, Target: `/reyns/${name}`, ReadOnly: true } as const;
}

/** Under a name that follows from its image's, so that the next call removes what a killed one has left. */
async function createReader(
  engine: Engine,
  [imageName, { id: Image }]: readonly [string, StoredImage],
  Mounts: ReturnType<typeof mountOf>[],
): Promise<AsyncDisposable & { readonly id: string }> {
  const name = `reyns-source-${sha256Hex(imageName).slice(0, 12)}`;
  const HostConfig = { Mounts, NetworkMode: "none" };
  await removeContainer(engine, name);
  const id = await createContainerFrom(engine, { Image, Cmd: ["true"], HostConfig, name });
  return { id, [Symbol.asyncDispose]: () => removeContainer(engine, id) };
}

interface ConfigFile {
  readonly index: number;
  readonly id: string;
}

async function readConfig(
  engine: Engine,
  container: string,
  { index, id }: ConfigFile,
  { signal }: ReadOptions,
): Promise<Buffer> {
  const content = await readFile(engine, container, `/reyns/config${index}`, signal);
  if (`sha256:${sha256Hex(content)}` !== id) throw new Error(`another configuration than ${id}`);
  return content;
}

async function readFile(
  engine: Engine,
  container: string,
  path: string,
  signal: AbortSignal,
): Promise<Buffer> {
  for await (const { header, content } of readTarEntries(
    readArchive(engine, container, path, signal),
  ))
    if (header.type === "file") return Buffer.concat(await Array.fromAsync(content));
  throw new Error(`${path} is no file`);
}

function countBytes(onBytes: (bytes: number) => void): (bytes: number) => void {
  let total = 0;
  return (bytes) => onBytes((total += bytes));
}

interface LayerFile {
  readonly index: number;
  readonly diffId: string;
  readonly onRead: (bytes: number) => void;
}

/** @returns the size of its tar */
async function readLayer(
  engine: Engine,
  container: string,
  { index, diffId, onRead }: LayerFile,
  { blobs, signal }: ReadOptions,
): Promise<number> {
  const folder = `/reyns/${index}`;
  const record = await readFile(engine, container, `${folder}/record/tar-split.json.gz`, signal);
  const pieces = parseTarSplit(record);
  if (!pieces) throw new Error(`the record of ${diffId} cannot be read`);
  const file = await openUnlinked();
  try {
    const archive = readArchive(engine, container, `${folder}/files`, signal);
    const contents = await writeContents(file, archive, onRead);
    const nameFor = (digest: string): string | undefined =>
      digest === diffId ? blobName(digest) : undefined;
    const size = sizeOf(pieces);
    const tar = joinPieces(pieces, file, contents, signal);
    const digest = await blobs.addFile({ name: nameFor, size }, tar);
    if (digest !== diffId) throw new Error(`the folder of ${diffId} has other contents`);
    return size;
  } finally {
    await file.close();
  }
}

/** In Docker's own store, layers have the digests of their tars. The size of those that were not read is not known. */
function describe(
  images: ReadonlyMap<string, StoredImage>,
  sizes: ReadonlyMap<string, number>,
): SavedImage[] {
  return [...images].map(([name, { id, diffIds }]) => ({
    names: [name],
    id,
    config: id,
    layers: diffIds.map((diffId) => ({ digest: diffId, diffId, size: sizes.get(diffId) ?? 0 })),
  }));
}
