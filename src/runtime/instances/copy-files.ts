import { posix } from "node:path";
import type { Engine } from "../../docker/client/engine.ts";
import { fillVolumes, putArchive } from "../../docker/containers/copy.ts";
import { ReynsError } from "../../errors.ts";
import { packTar, type TarEntry } from "../../lib/tar.ts";
import { isWithinFolder, type ContainerFile } from "../../model/container-files.ts";
import type { ContainerSpec, Mount } from "../../model/container-spec.ts";

/**
 * The spec with the anonymous volumes that its files need. They are removed with the container, and begin with what the
 * image has there. The folder of each secret is one, so that no secret is in the container's own file system, which can
 * become an image; and in a read-only file system, into which the Engine unpacks nothing, the folder of each file.
 *
 * @throws ReynsError START_FAILED where a volume of the image, which stays, would keep a secret
 */
export function withFileVolumes(spec: ContainerSpec, host: string): ContainerSpec {
  const { copiedFiles = [], mounts, runtime } = spec;
  const secrets = copiedFiles.filter(({ secret }) => secret !== undefined);
  const others = copiedFiles.filter(({ secret }) => secret === undefined && runtime.readOnly);
  for (const { path, secret } of secrets) {
    const kept = mounts.find(({ target }) => target === posix.dirname(path));
    if (!kept) continue;
    const message = `${host}: the secret ${secret} would stay in ${kept.target}, a volume of its image`;
    throw new ReynsError("START_FAILED", message, { hint: "choose another target for it" });
  }
  const outside = others.filter(({ path }) => volumeAbove(path, mounts) === undefined);
  const folders = new Set([...secrets, ...outside].map(({ path }) => posix.dirname(path)));
  const volumes = [...folders].map((target): Mount => ({
    type: "volume",
    source: "",
    target,
    readOnly: false,
  }));
  return volumes.length === 0 ? spec : { ...spec, mounts: [...mounts, ...volumes] };
}

/**
 * Copies the files of a spec into its container, which has not been started.
 *
 * @throws ReynsError ENGINE_REFUSED where a file would replace a folder
 */
export async function copyFiles(
  engine: Engine,
  id: string,
  { copiedFiles = [], mounts }: ContainerSpec,
): Promise<void> {
  const byFolder = Map.groupBy(copiedFiles, ({ path }) => volumeAbove(path, mounts) ?? "/");
  if ([...byFolder.keys()].some((folder) => folder !== "/")) await fillVolumes(engine, id);
  for (const [folder, inside] of byFolder)
    await putArchive(engine, id, folder, packTar(inside.map((file) => toEntry(file, folder))), {
      keepFolders: true,
    });
}

/** Where the volume is mounted that a path is in; the innermost one. */
function volumeAbove(path: string, mounts: readonly Mount[]): string | undefined {
  return mounts
    .filter(({ type, target }) => type === "volume" && isWithinFolder(path, target))
    .map(({ target }) => target)
    .toSorted((a, b) => b.length - a.length)[0];
}

function toEntry({ path, content, mode, uid, gid }: ContainerFile, folder: string): TarEntry {
  return {
    mode,
    uid,
    gid,
    name: posix.relative(folder, path),
    type: "file",
    linkname: undefined,
    content: Buffer.from(content, "base64"),
  };
}
