import type { Stats } from "node:fs";
import { lstat, stat } from "node:fs/promises";
import { basename, posix, resolve } from "node:path";
import { writeArchive } from "../../docker/containers/archive.ts";
import {
  copyRefused,
  findPath,
  meansContents,
  meansFolder,
  type ContainerPath,
  type CopyOptions,
} from "./container-path.ts";
import { packTree } from "./send.ts";

/**
 * Copies a file or a folder into a container, to where `docker cp` puts it: into a folder that exists, otherwise to the
 * name that is given. `FOLDER/.` means what is in the folder.
 *
 * @throws ReynsError FILE_REFUSED, ENGINE_REFUSED; the file system's errors
 */
export async function copyIn(
  source: string,
  target: ContainerPath,
  options: CopyOptions,
): Promise<void> {
  const followLink = options.followLink || meansFolder(source);
  const isFolder = (await statSource(source, followLink)).isDirectory();
  if (meansFolder(source) && !isFolder) throw copyRefused(`${source} is no folder`);
  const { folder, name } = await resolveTarget(source, target, isFolder);
  const tree = packTree({ path: resolve(source), name, followLink }, options);
  await send(target, folder, tree, options.signal);
}

/** Unpacks a tar in a folder of a container. */
export async function unpackIn(
  archive: AsyncIterable<Uint8Array>,
  target: ContainerPath,
  { signal, count }: CopyOptions,
): Promise<void> {
  const found = await findPath(target, target.path, { followLink: true });
  if (found?.kind !== "folder")
    throw copyRefused(`${target.host} has no folder ${target.path} to unpack a tar in`);
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of archive) {
      count.add(chunk.length);
      yield chunk;
    }
  };
  await send(target, found.path, counted(), signal);
}

async function statSource(source: string, followLink: boolean): Promise<Stats> {
  return (followLink ? stat : lstat)(source).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw copyRefused(`there is no ${source} here`);
    throw error.code === "ENOTDIR" ? copyRefused(`${source} is no folder`) : error;
  });
}

/** The folder to unpack in, and the name of what is copied there; "" for the contents of a folder. */
async function resolveTarget(
  source: string,
  target: ContainerPath,
  isFolder: boolean,
): Promise<{ readonly folder: string; readonly name: string }> {
  const { host, path } = target;
  const found = await findPath(target, path, { followLink: true });
  if (found?.kind === "folder") {
    const name = meansContents(source) ? "" : basename(resolve(source));
    return { folder: found.path, name };
  }
  if (isFolder && found) throw copyRefused(`${path} of ${host} is a file, and no folder`);
  if (!isFolder && meansFolder(path)) throw copyRefused(`${host} has no folder ${path}`);
  const end = found?.path ?? posix.resolve("/", path);
  const parent = await findPath(target, posix.dirname(end), { followLink: true });
  if (parent?.kind !== "folder") throw copyRefused(`${host} has no folder ${posix.dirname(end)}`);
  return { folder: parent.path, name: posix.basename(end) };
}

/** A file that cannot be read is not the Engine's fault. */
async function send(
  { engine, id }: ContainerPath,
  folder: string,
  archive: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  let failure: unknown;
  const watched = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* archive;
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  try {
    await writeArchive(engine, id, { folder, signal }, watched());
  } catch (error) {
    throw failure ?? error;
  }
}
