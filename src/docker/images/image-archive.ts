import type Docker from "dockerode";
import { requireString } from "../client/answers.ts";
import type { Engine } from "../client/engine.ts";
import { translateError } from "../client/errors.ts";
import { requestResponse } from "../client/request.ts";
import { downloadTar, toStream } from "../client/tar-transfer.ts";
import { inspectImage, listImages } from "./images.ts";
import { readMessages } from "./messages.ts";

/** An image as the Engine has it. */
export interface StoredImage {
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  /** Digests of the tars of its layers, the lowest first. */
  readonly diffIds: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** The Engine's folders of its layers, the lowest first, where it keeps them so. */
  readonly layerFolders?: readonly string[] | undefined;
}

interface InspectedImage extends Omit<Docker.ImageInspectInfo, "GraphDriver"> {
  readonly GraphDriver?: {
    readonly Name: string;
    readonly Data?: { readonly LowerDir?: string; readonly UpperDir?: string } | null;
  } | null;
}

/** @returns undefined when the Engine does not have the image */
export function findStoredImage(engine: Engine, name: string): Promise<StoredImage | undefined> {
  return inspectImage(
    engine,
    name,
    ({ Id, Size, RootFS, Config, GraphDriver }: InspectedImage) => ({
      id: requireString(Id),
      size: Size,
      diffIds: RootFS.Layers ?? [],
      labels: Config.Labels ?? {},
      layerFolders: layerFoldersOf(GraphDriver, RootFS.Layers?.length ?? 0),
    }),
  );
}

/** Of overlayfs, as Docker's own image store uses it. */
function layerFoldersOf(
  driver: InspectedImage["GraphDriver"],
  count: number,
): readonly string[] | undefined {
  const { LowerDir, UpperDir } = driver?.Data ?? {};
  if (driver?.Name !== "overlay2" || UpperDir === undefined) return undefined;
  const folders = [UpperDir, ...(LowerDir?.split(":") ?? [])].toReversed();
  return folders.length === count ? folders : undefined;
}

/** All images of the Engine. */
export async function listStoredImages(engine: Engine): Promise<StoredImage[]> {
  const ids = new Set((await listImages(engine)).map(({ id }) => id));
  const found = await Promise.all([...ids].map((id) => findStoredImage(engine, id)));
  return found.flatMap((image) => image ?? []);
}

/**
 * The images with all their layers as one tar, as `docker save` writes it: by Docker 24 and older one folder for each
 * layer, from Docker 25 on an OCI layout.
 *
 * @throws ReynsError NO_ENGINE, ENGINE_REFUSED
 * @see https://github.com/moby/docker-image-spec
 */
export function exportImages(
  engine: Engine,
  names: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const query = names.map((name) => `names=${encodeURIComponent(name)}`).join("&");
  return downloadTar(engine, `/images/get?${query}`, signal);
}

/**
 * Loads images from a tar, as `docker load` does; it may be compressed. Layers that an Engine with Docker's own image
 * store has already may be missing in it. When the tar fails, the connection breaks off, before the Engine can take what
 * it has for all.
 *
 * @throws the error of `tar`; ReynsError NO_ENGINE, ENGINE_REFUSED
 */
export async function loadImages(
  engine: Engine,
  tar: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const broken = new AbortController();
  const guarded = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* tar;
    } catch (error) {
      broken.abort(error);
      throw error;
    }
  };
  try {
    await load(engine, guarded(), AbortSignal.any([signal, broken.signal]));
  } catch (error) {
    throw broken.signal.aborted ? broken.signal.reason : error;
  }
}

async function load(
  engine: Engine,
  tar: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const response = await requestResponse(engine, {
    method: "POST",
    path: "/images/load?quiet=true",
    body: toStream(tar),
    signal,
  });
  if (!response.body) return;
  try {
    await readMessages(response.body as AsyncIterable<Uint8Array>, () => {});
  } catch (error) {
    throw translateError(engine, error);
  }
}
