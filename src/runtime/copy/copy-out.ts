import { statSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, dirname, join, posix } from "node:path";
import { readArchive } from "../../docker/containers/archive.ts";
import {
  copyRefused,
  findPath,
  meansContents,
  meansFolder,
  type ContainerPath,
  type CopyOptions,
  type FoundPath,
} from "./container-path.ts";
import { receiveTree } from "./receive.ts";

/**
 * Copies a file or a folder out of a container, to where `docker cp` puts it: into a folder that exists, otherwise to the
 * name that is given. `FOLDER/.` means what is in the folder.
 *
 * @throws ReynsError FILE_REFUSED; the file system's errors
 */
export async function copyOut(
  source: ContainerPath,
  target: string,
  options: CopyOptions,
): Promise<void> {
  const found = await requireSource(source, options.followLink);
  const end = await resolveTarget(source, found, target);
  const archive = readArchive(source.engine, source.id, found.path, options.signal);
  await receiveTree(archive, end, options);
}

/** Reads a path of a container as a tar. */
export async function* readTar(
  source: ContainerPath,
  { followLink, signal, count }: CopyOptions,
): AsyncGenerator<Uint8Array> {
  const { path } = await requireSource(source, followLink);
  for await (const chunk of readArchive(source.engine, source.id, path, signal)) {
    count.add(chunk.length);
    yield chunk;
  }
}

async function requireSource(source: ContainerPath, followLink: boolean): Promise<FoundPath> {
  const { host, path } = source;
  const needsFolder = meansFolder(path);
  const found = await findPath(source, path, { followLink: followLink || needsFolder });
  if (!found) throw copyRefused(`${host} has no ${path}`);
  if (needsFolder && found.kind !== "folder") throw copyRefused(`${path} of ${host} is no folder`);
  return found;
}

/** Where the copy lies in the end. */
async function resolveTarget(
  source: ContainerPath,
  { kind }: FoundPath,
  target: string,
): Promise<string> {
  const name = basename(posix.join("/", source.path));
  const stats = statSync(target, { throwIfNoEntry: false });
  if (stats?.isDirectory()) {
    const folder = await realpath(target);
    return meansContents(source.path) || name === "" ? folder : join(folder, name);
  }
  if (kind === "folder" && stats) throw copyRefused(`${target} is a file, and no folder`);
  if (kind !== "folder" && meansFolder(target)) throw copyRefused(`there is no folder ${target}`);
  const parent = dirname(target);
  if (!statSync(parent, { throwIfNoEntry: false })?.isDirectory())
    throw copyRefused(`there is no folder ${parent}`, `make it first: mkdir -p ${parent}`);
  return stats ? realpath(target) : join(await realpath(parent), basename(target));
}
