import { copyFile, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

export interface Executables {
  readonly reyns: string;
  readonly compose: string | undefined;
}

/**
 * Copies of what is compared, made in the same way just before; removed with the object. An executable that was read from
 * the disk bit by bit lies in smaller pieces in memory than one that was just written: the same file starts a third
 * later, or has 5 MB less of it mapped, depending on where it has been before.
 */
export async function copyFresh({
  reyns,
  compose,
}: Executables): Promise<Executables & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "reyns-bench-"));
  const copyOf = async (file: string): Promise<string> => {
    const copy = join(folder, basename(file));
    await copyFile(file, copy);
    // Or the kernel writes 200 MB to the disk during the first measurements.
    const written = await open(copy);
    await written.sync();
    await written.close();
    return copy;
  };
  return {
    reyns: await copyOf(reyns),
    compose: compose && (await copyOf(compose)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
