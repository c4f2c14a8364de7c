import { posix } from "node:path";
import { Readable } from "node:stream";
import type { Engine } from "../client/engine.ts";
import { errorStatus, withClient, withClientIfExists } from "../client/errors.ts";
import { request, requestUnless } from "../client/request.ts";
import { createContainerFrom } from "./create.ts";

/**
 * Creates a container that is never started, to access an image's files.
 *
 * @returns its id
 */
export function createPlainContainer(
  engine: Engine,
  image: string,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<string> {
  const settings = { Image: image, Cmd: ["true"], NetworkDisabled: true };
  return createContainerFrom(engine, { ...settings, name, Labels: { ...labels } });
}

interface FolderCopy {
  /** Container ids; neither container needs to run. */
  readonly from: string;
  readonly to: string;
  /** Absolute path of a folder, the same in both containers. */
  readonly path: string;
}

/** Copies a folder from one container to another, with owners and modes. Does nothing if it does not exist. */
export async function copyFolder(engine: Engine, copy: FolderCopy): Promise<void> {
  if ((await engine.features()).isPodman) return copyByExport(engine, copy);
  const { from, to, path } = copy;
  const archive = await withClientIfExists(engine, (client) =>
    client.getContainer(from).getArchive({ path }),
  );
  if (!archive) return;
  const target = { path: posix.dirname(path) };
  await withClient(engine, (client) => client.getContainer(to).putArchive(archive, target));
}

/**
 * Podman's archive of a folder assigns all files to root, unlike its export of the whole file system; and it unpacks
 * into a mount what belongs beside it.
 */
async function copyByExport(engine: Engine, { from, to, path }: FolderCopy): Promise<void> {
  const { extractSubfolder } = await import("../../lib/tar-subfolder.ts");
  const all = await withClient(engine, (client) => client.getContainer(from).export());
  const folder = Readable.from(extractSubfolder(all as Readable, path));
  await withClient(engine, (client) => client.getContainer(to).putArchive(folder, { path }));
}

/**
 * Reads a regular file of a container, which need not run. The container decides what the path is: a link or another
 * kind of file, one that does not exist, and one that is too large are all undefined.
 */
export async function readRegularFile(
  engine: Engine,
  id: string,
  path: string,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const archive = await withClientIfExists(engine, (client) =>
    client.getContainer(id).getArchive({ path }),
  );
  if (!archive) return undefined;
  const { readFirstFile } = await import("../../lib/tar-first-file.ts");
  return withClient(engine, () => readFirstFile(archive as Readable, maxBytes));
}

/** Whether a path exists in a container, which need not run. */
export async function hasPath(engine: Engine, id: string, path: string): Promise<boolean> {
  const info = await withClientIfExists(engine, (client) =>
    client.getContainer(id).infoArchive({ path }),
  );
  return info !== undefined;
}

/**
 * Has Podman fill the volumes of a container that has not been started with what its image has there. Docker does so as
 * it creates the container; Podman does before the first start, and leaves out a volume that has a file by then.
 *
 * @see https://docs.podman.io/en/v4.3/markdown/podman-init.1.html
 */
export async function fillVolumes(engine: Engine, id: string): Promise<void> {
  if (!(await engine.features()).isPodman) return;
  const path = `/libpod/containers/${id}/init`;
  try {
    await requestUnless([304], engine, { method: "POST", path });
  } catch (error) {
    // It looks for the command once the volumes are filled, which may be a file that is yet to be copied.
    if (errorStatus(error) === undefined) throw error;
  }
}

/**
 * Unpacks a tar into a folder of a container, which need not run. Replaces existing files.
 *
 * @param options `keepFolders`: an error where a file has the name of an existing folder, which is replaced otherwise
 */
export async function putArchive(
  engine: Engine,
  id: string,
  folder: string,
  archive: AsyncIterable<Uint8Array>,
  { keepFolders = false }: { readonly keepFolders?: boolean } = {},
): Promise<void> {
  const body = Buffer.concat(await Array.fromAsync(archive));
  const query = `path=${encodeURIComponent(folder)}${keepFolders ? "&noOverwriteDirNonDir=1" : ""}`;
  await request(engine, { method: "PUT", path: `/containers/${id}/archive?${query}`, body });
}
