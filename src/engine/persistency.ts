import { existsSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import { copyFolder, createPlainContainer } from "../docker/copy.ts";
import { removeContainer } from "../docker/containers.ts";
import type { Engine } from "../docker/connect.ts";
import type { StartInstance } from "../plan/steps.ts";

/**
 * Puts what the image has in its persistent folders onto the host, where the host has nothing yet. It goes from
 * a second, never started container into the folders that the instance's own container has mounted, through the
 * Engine: owners and modes stay, and it works across file systems.
 *
 * A mark beside the folder says that a copy is under way: a copy that was cut short begins again, whereas a folder
 * with content and no mark is the user's and is never touched.
 */
export async function keepImageContent(
  engine: Engine,
  containerId: string,
  step: StartInstance,
): Promise<void> {
  const empty = await Promise.all(
    step.persistent.map(async (folder) => ({
      ...folder,
      wanted: await isUnfilled(folder.hostPath),
    })),
  );
  const unfilled = empty.filter(({ wanted }) => wanted);
  if (unfilled.length === 0) return;
  const source = await createPlainContainer(engine, step.spec.image);
  try {
    for (const { hostPath, path } of unfilled) {
      await writeFile(markOf(hostPath), "");
      await copyFolder(engine, { from: source, to: containerId, path });
      await rm(markOf(hostPath));
    }
  } finally {
    await removeContainer(engine, source);
  }
}

function markOf(hostPath: string): string {
  return `${hostPath}.copying`;
}

async function isUnfilled(hostPath: string): Promise<boolean> {
  return existsSync(markOf(hostPath)) || (await readdir(hostPath)).length === 0;
}
