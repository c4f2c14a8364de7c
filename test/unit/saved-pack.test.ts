// A file that somebody writes to while it is saved.
import { expect, test } from "bun:test";
import { appendFile, mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeProjectFiles } from "../../src/runtime/saved/pack-files.ts";
import type { SavedWriter } from "../../src/runtime/saved/writer.ts";

const size = 4 * 1024 ** 2;

test.each([
  ["grows", (file: string) => appendFile(file, "more")],
  ["shrinks", (file: string) => truncate(file, size / 2)],
])("a file that %s while it is saved fails, instead of being saved in part", async (_, change) => {
  const folder = await mkdtemp(join(tmpdir(), "reyns-pack-"));
  try {
    const file = join(folder, "log");
    await Bun.write(file, "x".repeat(size));
    let isChanged = false;
    const writer: Pick<SavedWriter, "addEntries"> = {
      addEntries: async (entries) => {
        for await (const chunk of entries) {
          if (!isChanged && chunk.length > 0) await change(file);
          isChanged = true;
        }
      },
    };
    const request = {
      folder,
      files: [{ path: "log", type: "file", mode: 0o644 } as const],
      receipts: [],
      base: undefined,
    };
    await expect(writeProjectFiles(writer as SavedWriter, request)).rejects.toThrow(
      "log has changed its size meanwhile",
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
