import { existsSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import type { Engine } from "../../docker/client/engine.ts";
import { removeContainer } from "../../docker/containers/containers.ts";
import { copyFolder, createPlainContainer } from "../../docker/containers/copy.ts";
import { labels } from "../../model/labels.ts";
import type { StartInstance } from "../../model/steps.ts";

/**
 * Copies the image's content of persistent folders to the host, where the host's folder is empty. The Engine copies it
 * from a second container, which is never started, into the folders that the instance's container has mounted: this
 * keeps owners and modes, and works across file systems.
 *
 * A marker file beside the folder exists while a copy is under way. A copy that was cut short begins again; a folder
 * that has content and no marker belongs to the user and is never changed.
 */
export async function copyImageContent(
  engine: Engine,
  containerId: string,
  step: StartInstance,
): Promise<void> {
  const folders = await Promise.all(
    step.persistent.map(async (folder) => ({
      ...folder,
      isNeeded: await needsContent(folder.hostPath),
    })),
  );
  const needed = folders.filter(({ isNeeded }) => isNeeded);
  if (needed.length === 0) return;
  const name = copySourceName(containerId);
  const source = await createPlainContainer(engine, step.spec.image, name, ownerLabels(step));
  try {
    for (const { hostPath, path } of needed) {
      await writeFile(copyMarkerOf(hostPath), "");
      await copyFolder(engine, { from: source, to: containerId, path });
      await rm(copyMarkerOf(hostPath));
    }
  } finally {
    await removeContainer(engine, source);
  }
}

/** Removes the second container that a killed copy for this one may have left. */
export async function removeCopySource(engine: Engine, containerId: string): Promise<void> {
  await removeContainer(engine, copySourceName(containerId));
}

function copySourceName(containerId: string): string {
  return `reyns-source-${containerId.slice(0, 12)}`;
}

/** The file that exists while the folder is being filled. */
export function copyMarkerOf(hostPath: string): string {
  return `${hostPath}.copying`;
}

async function needsContent(hostPath: string): Promise<boolean> {
  if (existsSync(copyMarkerOf(hostPath))) return true;
  try {
    return (await readdir(hostPath)).length === 0;
  } catch (error) {
    // The service has restricted access to it, so it has been in use.
    if ((error as NodeJS.ErrnoException).code === "EACCES") return false;
    throw error;
  }
}

/** Identify its project, should it be left behind; without an instance, so that it is not listed as one. */
function ownerLabels({ spec }: StartInstance): Record<string, string> {
  const { project, folder } = labels;
  return { [project]: spec.labels[project] ?? "", [folder]: spec.labels[folder] ?? "" };
}
