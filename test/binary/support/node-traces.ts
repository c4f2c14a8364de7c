import { readdir, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must, until } from "../../engine/support/images-container.ts";

/** Begins the names of all that nodes leave outside of themselves; the number of their process follows. */
export const prefix = "reyns-nodes-";

/** What a run that was killed has left: its Engines have died with it. */
export async function removeOrphans(): Promise<void> {
  const spaces = (await must("ip", "netns", "list")).split("\n").map((line) => line.split(" ")[0]);
  const folders = await readdir(tmpdir());
  const all = [...spaces, ...folders].flatMap(
    (name) => /^reyns-nodes-\d+-\w+/.exec(name ?? "") ?? [],
  );
  for (const own of new Set(all)) {
    const pid = Number(own.split("-")[2]);
    if (pid !== process.pid && !isAlive(pid)) await removeTraces(own);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Namespaces, control groups and folders of one set of nodes. */
export async function removeTraces(own: string): Promise<void> {
  const spaces = (await must("ip", "netns", "list")).split("\n").map((line) => line.split(" ")[0]);
  for (const space of spaces) {
    if (space?.startsWith(`${own}.`)) await must("ip", "netns", "delete", space);
  }
  await removeGroups(own);
  await rm(join(tmpdir(), own), { recursive: true, force: true });
}

const groups = "/sys/fs/cgroup";

/** Control groups of containers whose Engine has died: empty folders, below each hierarchy or in the only one. */
async function removeGroups(own: string): Promise<void> {
  const hierarchies = [groups, ...(await readdir(groups)).map((name) => join(groups, name))];
  for (const hierarchy of hierarchies) {
    const found = await readdir(hierarchy).catch(() => []);
    for (const name of found.filter((one) => one.startsWith(`${own}.`)))
      await removeGroup(join(hierarchy, name));
  }
}

async function removeGroup(path: string): Promise<void> {
  const inner = await readdir(path, { withFileTypes: true });
  for (const entry of inner) {
    if (entry.isDirectory()) await removeGroup(join(path, entry.name));
  }
  const remove = (): Promise<boolean> =>
    rmdir(path)
      .then(() => true)
      .catch(() => false);
  await until(`the end of what is in ${path}`, remove);
}
