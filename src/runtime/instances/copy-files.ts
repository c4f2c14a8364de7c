import { posix } from "node:path";
import type { Engine } from "../../docker/client/engine.ts";
import { putArchive } from "../../docker/containers/copy.ts";
import { packTar, type TarEntry } from "../../lib/tar.ts";
import { isWithinFolder, type ContainerFile } from "../../model/container-files.ts";
import type { ContainerSpec, Mount } from "../../model/container-spec.ts";

/**
 * The spec with what its files need: the Engine unpacks nothing into a read-only file system, so the folder of each file
 * is an anonymous volume, which begins with what the image has there.
 */
export function withFileVolumes(spec: ContainerSpec): ContainerSpec {
  if (!spec.runtime.readOnly) return spec;
  const outside = (spec.copiedFiles ?? []).filter(({ path }) => !volumeAbove(path, spec.mounts));
  const folders = new Set(outside.map(({ path }) => posix.dirname(path)));
  const volumes = [...folders].map((target): Mount => ({
    type: "volume",
    source: "",
    target,
    readOnly: false,
  }));
  return volumes.length === 0 ? spec : { ...spec, mounts: [...spec.mounts, ...volumes] };
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

function toEntry({ path, content, ...owner }: ContainerFile, folder: string): TarEntry {
  return {
    ...owner,
    name: posix.relative(folder, path),
    type: "file",
    linkname: undefined,
    content: Buffer.from(content, "base64"),
  };
}
