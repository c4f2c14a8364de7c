import { copyFile, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { must, temporaryFolder } from "../../engine/support/images-container.ts";
import { askEngine, engineAnswer, listImages, removeIfPossible } from "../../support/engine-api.ts";

/** An image of 2 MB: a static busybox, and nothing else. By a name of its own in each process that runs tests. */
export const smallImage = `reyns-test/busybox-${process.pid}:1`;

let id: string | undefined;

const tools = ["sh", "sleep", "true", "dd", "cat", "touch", "mkdir", "test"];

/** Makes the small image; no registry is needed. It is removed when the tests of the file have ended. */
export async function importSmallImage(): Promise<void> {
  if (id !== undefined) return;
  await using folder = await temporaryFolder();
  const root = join(folder.path, "root");
  for (const name of ["bin", "opt", "tmp", "home"])
    await mkdir(join(root, name), { recursive: true });
  await copyFile(Bun.which("busybox") ?? "", join(root, "bin/busybox"));
  for (const tool of tools) await symlink("busybox", join(root, "bin", tool));
  // Something to be kept in a persistent folder.
  await must("sh", "-c", `head -c 300000 /dev/zero >"${root}/opt/content"`);
  const tar = join(folder.path, "root.tar");
  await must("tar", "--numeric-owner", "--owner=0", "--group=0", "-C", root, "-cf", tar, ".");
  id = await must("docker", "import", "--change", 'CMD ["sleep", "999"]', tar, smallImage);
}

/** Removes it, and what builds that failed have left on top of it. */
export async function removeSmallImage(): Promise<void> {
  if (id === undefined) return;
  for (const { Id } of await listImages({ dangling: ["true"] }))
    if (await isOnTopOf(id, Id)) await removeIfPossible(`/images/${Id}`);
  await engineAnswer("DELETE", `/images/${smallImage}?force=true`);
  id = undefined;
}

async function isOnTopOf(base: string, image: string): Promise<boolean> {
  const answer = await askEngine("GET", `/images/${image}/history`);
  // Another file may remove its own meanwhile.
  return (await answer.text()).includes(base);
}
