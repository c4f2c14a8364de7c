import { copyFile, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/** The files of what is compared. */
export interface Executables {
  readonly reyns: string;
  readonly compose: string | undefined;
}

/** The same in copies that take turns: each call is for the next one. */
export interface Copies extends AsyncDisposable {
  readonly reyns: () => string;
  readonly compose: (() => string) | undefined;
}

/** Odd: a round calls a tool once, twice or four times, and each copy shall be timed. */
const copiesOfEach = 5;

/**
 * Copies of what is compared, made in the same way just before; removed with the object. An executable that was read from
 * the disk bit by bit lies in smaller pieces in memory than one that was just written: the same file starts a third
 * later, or has 5 MB less of it mapped, depending on where it has been before. Of copies that were made alike one is
 * still 5 % slower than another for as long as it lies there, so there are several.
 */
export async function copyFresh({ reyns, compose }: Executables): Promise<Copies> {
  const folder = await mkdtemp(join(tmpdir(), "reyns-bench-"));
  const copiesOf = async (file: string): Promise<() => string> => {
    const copies: string[] = [];
    for (let number = 0; number < copiesOfEach; number += 1) {
      const copy = join(folder, `${basename(file)}-${number}`);
      await copyFile(file, copy);
      // Or the kernel writes all of it to the disk during the first measurements.
      const written = await open(copy);
      await written.sync();
      await written.close();
      copies.push(copy);
    }
    let calls = 0;
    return () => copies[calls++ % copiesOfEach] ?? file;
  };
  return {
    reyns: await copiesOf(reyns),
    compose: compose === undefined ? undefined : await copiesOf(compose),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
