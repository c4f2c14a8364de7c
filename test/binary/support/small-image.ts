import { copyFile, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { must, run, temporaryFolder } from "../../engine/support/images-container.ts";

/** An image of 2 MB: a static busybox, and nothing else. By a name of its own in each process that runs tests. */
export const smallImage = `reyns-test/busybox-${process.pid}:1`;

let id: string | undefined;

const tools = ["sh", "sleep", "true", "dd", "cat", "touch", "mkdir", "test"];

/** Makes the small image; no registry is needed. It is removed when all tests have ended. */
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
  const untagged = await must("docker", "images", "--quiet", "--filter", "dangling=true");
  for (const image of untagged.split("\n").filter(Boolean)) {
    // Another file may remove its own meanwhile.
    const { stdout } = await run(["docker", "history", "--quiet", "--no-trunc", image]);
    if (stdout.includes(id)) await run(["docker", "rmi", image]);
  }
  await must("docker", "rmi", "--force", smallImage);
}
