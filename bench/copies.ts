import { copyFile, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/** The executables to compare. */
export interface Executables {
  readonly reyns: string;
  readonly compose: string | undefined;
}

/** Copies of the executables that take turns: each call returns the next one. */
export interface Copies extends AsyncDisposable {
  readonly reyns: () => string;
  readonly compose: (() => string) | undefined;
}

/** An odd number, so that every copy is timed although a round calls a tool once, twice or four times. */
const copiesOfEach = 5;

/**
 * Copies the executables; the copies are removed with the returned object. The page cache of a file depends on how it was
 * read or written: the same executable starts up to a third slower, or has 5 MB less of it mapped. Even equal copies
 * differ by 5 % for as long as they exist, so there are several.
 */
export async function copyFresh({ reyns, compose }: Executables): Promise<Copies> {
  const folder = await mkdtemp(join(tmpdir(), "reyns-bench-"));
  const copiesOf = async (file: string): Promise<() => string> => {
    const copies: string[] = [];
    for (let number = 0; number < copiesOfEach; number += 1) {
      const copy = join(folder, `${basename(file)}-${number}`);
      await copyFile(file, copy);
      // Otherwise the kernel writes it to disk during the first measurements.
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
