import { posix } from "node:path";
import { Readable } from "node:stream";
import type { Engine } from "../client/connect.ts";
import { createContainerFrom } from "./containers.ts";
import { withClient, withClientIfExists } from "../client/errors.ts";
import { request } from "../client/request.ts";

/** A container of an image that is never started: only its files are looked at. Returns its id. */
export function createPlainContainer(
  engine: Engine,
  image: string,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<string> {
  const settings = { Image: image, Cmd: ["true"], NetworkDisabled: true };
  return createContainerFrom(engine, { ...settings, name, Labels: { ...labels } });
}

interface Copy {
  /** Ids of containers; neither needs to run. */
  readonly from: string;
  readonly to: string;
  /** Absolute path of a folder, the same in both. */
  readonly path: string;
}

/** Copies a folder from one container into another, with owners and modes. One that is not there is no error. */
export async function copyFolder(engine: Engine, copy: Copy): Promise<void> {
  if ((await engine.features()).isPodman) return copyExported(engine, copy);
  const { from, to, path } = copy;
  const archive = await withClientIfExists(engine, (client) =>
    client.getContainer(from).getArchive({ path }),
  );
  if (!archive) return;
  const target = { path: posix.dirname(path) };
  await withClient(engine, (client) => client.getContainer(to).putArchive(archive, target));
}

/**
 * Podman gives the files of a folder to root when it hands them out, though not when it hands out everything; and what
 * it is to put beside a mount it puts under it.
 */
async function copyExported(engine: Engine, { from, to, path }: Copy): Promise<void> {
  const { extractSubfolder: folderOf } = await import("../../lib/tar-subfolder.ts");
  const whole = await withClient(engine, (client) => client.getContainer(from).export());
  const folder = Readable.from(folderOf(whole as Readable, path));
  await withClient(engine, (client) => client.getContainer(to).putArchive(folder, { path }));
}

/** The bytes of a tar of a folder in a container; undefined when there is none. */
export async function getArchive(
  engine: Engine,
  id: string,
  path: string,
): Promise<Buffer | undefined> {
  const archive = await withClientIfExists(engine, (client) =>
    client.getContainer(id).getArchive({ path }),
  );
  if (!archive) return undefined;
  const chunks = await withClient(engine, () => Array.fromAsync(archive as AsyncIterable<Buffer>));
  return Buffer.concat(chunks);
}

/** Whether there is anything at a path in a container, which need not run. */
export async function hasPath(engine: Engine, id: string, path: string): Promise<boolean> {
  const found = await withClientIfExists(engine, (client) =>
    client.getContainer(id).infoArchive({ path }),
  );
  return found !== undefined;
}

/** Unpacks a tar into a folder of a container, which need not run. What it has of the same names is replaced. */
export async function putArchive(
  engine: Engine,
  id: string,
  folder: string,
  archive: AsyncIterable<Uint8Array>,
): Promise<void> {
  const body = Buffer.concat(await Array.fromAsync(archive));
  const path = `/containers/${id}/archive?path=${encodeURIComponent(folder)}`;
  await request(engine, { method: "PUT", path, body });
}
