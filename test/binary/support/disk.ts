import { rm } from "node:fs/promises";
import { join } from "node:path";
import { must, run, temporaryFolder } from "../../engine/support/images-container.ts";

export interface Disk extends AsyncDisposable {
  readonly path: string;
  fill(): Promise<void>;
  free(): Promise<void>;
}

/** A file system of its own. */
export async function mountDisk(size: string): Promise<Disk> {
  const outer = await temporaryFolder();
  const path = join(outer.path, "disk");
  await must("mkdir", path);
  await must("mount", "-t", "tmpfs", "-o", `size=${size}`, "reyns-test", path);
  return {
    path,
    ...filling(path),
    [Symbol.asyncDispose]: async () => {
      await must("umount", "--lazy", path);
      await outer[Symbol.asyncDispose]();
    },
  };
}

/** Whether this process may mount. */
export async function mayMount(): Promise<boolean> {
  return (await run(["sh", "-c", "unshare -m mount -t tmpfs tmpfs /mnt"])).status === 0;
}

/** A file system of its own on a folder that it makes. */
export async function mountAt(
  path: string,
  options: string,
): Promise<AsyncDisposable & { readonly path: string }> {
  await must("mkdir", path);
  await must("mount", "-t", "tmpfs", "-o", options, "tmpfs", path);
  return { path, [Symbol.asyncDispose]: async () => void (await must("umount", path)) };
}

export function filling(path: string): Pick<Disk, "fill" | "free"> {
  const file = join(path, "fill");
  return {
    // To the last byte: it ends when there is no room left.
    fill: async () => void (await must("sh", "-c", `cat /dev/zero >"${file}" 2>/dev/null || true`)),
    free: () => rm(file),
  };
}
