import { rm } from "node:fs/promises";
import { join } from "node:path";
import { must, temporaryFolder } from "../../engine/support/images-container.ts";

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

export function filling(path: string): Pick<Disk, "fill" | "free"> {
  const file = join(path, "fill");
  return {
    // To the last byte: it ends when there is no room left.
    fill: async () => void (await must("sh", "-c", `cat /dev/zero >"${file}" 2>/dev/null || true`)),
    free: () => rm(file),
  };
}
