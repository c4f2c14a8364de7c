// A file of `save` that is cut off, or has one byte altered, is refused.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { copyFile, mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { ReynsError } from "../../src/errors.ts";
import { verifySaved } from "../../src/runtime/saved/load.ts";
import { openSaved } from "../../src/runtime/saved/open.ts";
import { cases } from "../support/random.ts";
import { writeSavedFile } from "../support/saved-file.ts";

let folder: string;
let whole: string;
let size: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reyns-saved-"));
  whole = join(folder, "whole");
  await writeSavedFile(whole, {
    files: { "reyns.ts": "// a project\n", "images/web/Dockerfile": "FROM scratch\n".repeat(200) },
    blobs: [Buffer.alloc(20_000, "layer"), randomBytes(700)],
  });
  ({ size } = await stat(whole));
});

afterAll(() => rm(folder, { recursive: true }));

const signal = new AbortController().signal;

async function verify(file: string): Promise<void> {
  await using saved = await openSaved(file, { signal });
  await verifySaved(saved, signal, () => {});
}

/** The code of the error, if there is one. */
async function refusalOf(file: string): Promise<string | undefined> {
  try {
    await verify(file);
    return undefined;
  } catch (error) {
    return error instanceof ReynsError ? error.code : String(error);
  }
}

async function changedCopy(change: (handle: Awaited<ReturnType<typeof open>>) => Promise<unknown>) {
  const file = join(folder, "changed");
  await copyFile(whole, file);
  await using handle = await open(file, "r+");
  await change(handle);
  return file;
}

test("a file as it was written is accepted", async () => {
  expect(await refusalOf(whole)).toBeUndefined();
});

test("a file that is cut off anywhere is refused", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: size - 1 }), async (length) => {
      const file = await changedCopy((handle) => handle.truncate(length));
      expect(await refusalOf(file)).toBe("FILE_REFUSED");
    }),
    { numRuns: cases(200) },
  );
});

test("a file with one altered byte is refused", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: size - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (position, difference) => {
        const file = await changedCopy(async (handle) => {
          const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, position);
          buffer[0] = (buffer[0] ?? 0) ^ difference;
          await handle.write(buffer, 0, 1, position);
        });
        expect(await refusalOf(file)).toBe("FILE_REFUSED");
      },
    ),
    { numRuns: cases(1000) },
  );
});

test("a file with something at its end is refused", async () => {
  const file = await changedCopy((handle) => handle.write("x", size));
  expect(await refusalOf(file)).toBe("FILE_REFUSED");
});
