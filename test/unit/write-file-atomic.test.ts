import { expect, test } from "bun:test";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createFileAtomic, writeFileAtomic } from "../../src/lib/write-file-atomic.ts";
import { projectFolder } from "./support/project-folder.ts";

test("a file is replaced, with its new mode", async () => {
  await using project = await projectFolder({ key: "old" });
  const file = join(project.folder, "key");
  writeFileAtomic(file, "new", 0o600);
  expect(await readFile(file, "utf8")).toBe("new");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(project.folder)).toEqual(["key"]);
});

test("a file that exists is not created again, and no draft is left", async () => {
  await using project = await projectFolder({ key: "old" });
  const file = join(project.folder, "key");
  expect(() => createFileAtomic(file, "new")).toThrow("EEXIST");
  expect(await readFile(file, "utf8")).toBe("old");
  createFileAtomic(join(project.folder, "other"), "new", 0o600);
  expect((await readdir(project.folder)).toSorted()).toEqual(["key", "other"]);
});

test("the error of a missing folder names the file", () => {
  const file = "/nowhere/reyns/key";
  for (const write of [writeFileAtomic, createFileAtomic])
    expect(() => write(file, "new")).toThrow(
      expect.objectContaining({ code: "ENOENT", path: file }),
    );
});
