import { existsSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import { copyFolder, createPlainContainer } from "../../docker/containers/copy.ts";
import { removeContainer } from "../../docker/containers/containers.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { labels } from "../../model/labels.ts";
import type { StartInstance } from "../../model/steps.ts";

/**
 * Puts what the image has in its persistent folders onto the host, where the host has nothing yet. It goes from
 * a second, never started container into the folders that the instance's own container has mounted, through the
 * Engine: owners and modes stay, and it works across file systems.
 *
 * A mark beside the folder says that a copy is under way: a copy that was cut short begins again, whereas a folder
 * with content and no mark is the user's and is never touched.
 */
export async function copyImageContent(
  engine: Engine,
  containerId: string,
  step: StartInstance,
): Promise<void> {
  const empty = await Promise.all(
    step.persistent.map(async (folder) => ({
      ...folder,
      wanted: await needsContent(folder.hostPath),
    })),
  );
  const unfilled = empty.filter(({ wanted }) => wanted);
  if (unfilled.length === 0) return;
  const name = copySourceName(containerId);
  const source = await createPlainContainer(engine, step.spec.image, name, ownerLabels(step));
  try {
    for (const { hostPath, path } of unfilled) {
      await writeFile(copyMarkerOf(hostPath), "");
      await copyFolder(engine, { from: source, to: containerId, path });
      await rm(copyMarkerOf(hostPath));
    }
  } finally {
    await removeContainer(engine, source);
  }
}

/** Removes the second container, should a copy for this one have been killed. */
export async function removeCopySource(engine: Engine, containerId: string): Promise<void> {
  await removeContainer(engine, copySourceName(containerId));
}

function copySourceName(containerId: string): string {
  return `reyns-source-${containerId.slice(0, 12)}`;
}

/** The file that says that a copy into the folder is under way. */
export function copyMarkerOf(hostPath: string): string {
  return `${hostPath}.copying`;
}

async function needsContent(hostPath: string): Promise<boolean> {
  if (existsSync(copyMarkerOf(hostPath))) return true;
  try {
    return (await readdir(hostPath)).length === 0;
  } catch (error) {
    // Closed by the service itself, so it has used it.
    if ((error as NodeJS.ErrnoException).code === "EACCES") return false;
    throw error;
  }
}

/** Whose it is, should it stay behind; not an instance, so that nobody lists it as one. */
function ownerLabels({ spec }: StartInstance): Record<string, string> {
  const { project, folder } = labels;
  return { [project]: spec.labels[project] ?? "", [folder]: spec.labels[folder] ?? "" };
}
