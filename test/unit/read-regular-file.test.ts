import { describe, expect, test } from "bun:test";
import { mkdir, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readRegularFile, readUnlinkedFile } from "../../src/lib/read-regular-file.ts";
import { writeFileAtomic } from "../../src/lib/write-file-atomic.ts";
import { projectFolder } from "./support/project-folder.ts";

const codeOf = (read: () => unknown): string | undefined => {
  try {
    read();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
};

describe("only a regular file is read, and nothing is waited for", () => {
  test.each<[string, string, (path: string) => unknown]>([
    ["a pipe", "ENOTREGULAR", (path) => Bun.spawnSync(["mkfifo", path])],
    ["a device", "ENOTREGULAR", (path) => symlink("/dev/zero", path)],
    ["a folder", "EISDIR", (path) => mkdir(path)],
    ["a link to itself", "ELOOP", (path) => symlink("file", path)],
    [
      "a file of 5 GB",
      "EFBIG",
      async (path) => {
        await writeFile(path, "");
        await truncate(path, 5_000_000_000);
      },
    ],
    ["nothing", "ENOENT", () => {}],
  ])("%s is refused", async (_, code, make) => {
    await using project = await projectFolder({});
    const path = join(project.folder, "file");
    await make(path);
    expect(codeOf(() => readRegularFile(path))).toBe(code);
  });

  test("a link is followed, unless it is unwanted", async () => {
    await using project = await projectFolder({ target: "text" });
    const [target, path] = [join(project.folder, "target"), join(project.folder, "link")];
    await symlink(target, path);
    expect(readRegularFile(path).toString()).toBe("text");
    expect(readUnlinkedFile(target).toString()).toBe("text");
    expect(codeOf(() => readUnlinkedFile(path))).toBe("ELOOP");
  });
});

test("a file is never written through a link, neither its own nor that of its draft", async () => {
  await using project = await projectFolder({ victim: "kept" });
  const [victim, path] = [join(project.folder, "victim"), join(project.folder, "file")];
  await symlink(victim, path);
  await symlink(victim, `${path}.${process.pid}`);
  writeFileAtomic(path, "new");
  expect(readUnlinkedFile(path).toString()).toBe("new");
  expect(readUnlinkedFile(victim).toString()).toBe("kept");
});
