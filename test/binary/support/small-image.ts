import { copyFile, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { must, run, temporaryFolder } from "../../engine/support/images-container.ts";

/** An image of 2 MB: a static busybox, and nothing else. */
export const smallImage = "reyns-test/busybox:2";

const tools = ["sh", "sleep", "true", "dd", "cat", "touch", "mkdir", "test"];

/** Makes the small image, unless the Engine has it; no registry is needed. */
export async function importSmallImage(): Promise<void> {
  if ((await run(["docker", "image", "inspect", smallImage])).status === 0) return;
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
  await must("docker", "import", "--change", 'CMD ["sleep", "999"]', tar, smallImage);
}
