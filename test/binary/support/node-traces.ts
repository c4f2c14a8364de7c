import { existsSync, statfsSync } from "node:fs";
import { readdir, readFile, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must, until } from "../../engine/support/images-container.ts";

/** Begins the names of all that nodes leave outside of themselves; the number of their process follows. */
export const prefix = "reyns-nodes-";

const memory = "/dev/shm";
const gibibyte = 2 ** 30;

/** Where nodes have their files: in memory where there is plenty, which halves the time of a start. */
export function rootFolder(): string {
  if (!existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > 4 * gibibyte ? memory : tmpdir();
}

const roots = (): string[] => [tmpdir(), memory].filter((folder) => existsSync(folder));

/** What a run that was killed has left: its Engines have died with it. */
export async function removeOrphans(): Promise<void> {
  const spaces = (await must("ip", "netns", "list")).split("\n").map((line) => line.split(" ")[0]);
  const folders = await Promise.all(roots().map((root) => readdir(root)));
  const all = [...spaces, ...folders.flat()].flatMap(
    (name) => /^reyns-nodes-\d+-\w+/.exec(name ?? "") ?? [],
  );
  for (const own of new Set(all)) {
    const pid = Number(own.split("-")[2]);
    if (pid !== process.pid && !(await isAlive(pid))) await removeTraces(own);
  }
}

/** Its number may be another program's by now. Bun's is that of the file that was called: bun or bun.exe. */
async function isAlive(pid: number): Promise<boolean> {
  const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
  return name.startsWith("bun");
}

/** Namespaces, control groups and folders of one set of nodes. */
export async function removeTraces(own: string): Promise<void> {
  const spaces = (await must("ip", "netns", "list")).split("\n").map((line) => line.split(" ")[0]);
  for (const space of spaces) {
    if (space?.startsWith(`${own}.`)) await must("ip", "netns", "delete", space);
  }
  await removeGroups(own);
  const mounts = (await readFile("/proc/mounts", "utf8"))
    .split("\n")
    .map((line) => line.split(" "));
  for (const [source, path = ""] of mounts)
    if (source === own) await must("umount", "--lazy", path);
  for (const root of roots()) await rm(join(root, own), { recursive: true, force: true });
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
