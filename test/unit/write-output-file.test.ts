import { expect, test } from "bun:test";
import { chmod, readdir, readFile, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { writeOutputFile } from "../../src/lib/write-output-file.ts";
import { projectFolder } from "./support/project-folder.ts";

test("a file that a user names keeps its mode, and is written through a link", async () => {
  await using project = await projectFolder({ "plan.json": "former" });
  const [file, link] = [join(project.folder, "plan.json"), join(project.folder, "link")];
  await chmod(file, 0o600);
  await symlink("plan.json", link);
  writeOutputFile(link, "new");
  expect(await readFile(file, "utf8")).toBe("new");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  writeOutputFile(join(project.folder, "other"), "text");
  expect(
    (await readdir(project.folder)).filter((name) => /plan|link|other/.test(name)).toSorted(),
  ).toEqual(["link", "other", "plan.json"]);
});

test("a device that a user names is written to, not replaced", async () => {
  writeOutputFile("/dev/null", "text");
  expect((await stat("/dev/null")).isCharacterDevice()).toBeTrue();
});

test("a pipe that a user names gets the text", async () => {
  await using project = await projectFolder({});
  const pipe = join(project.folder, "pipe");
  Bun.spawnSync(["mkfifo", pipe]);
  const reader = Bun.spawn(["cat", pipe], { stdout: "pipe" });
  writeOutputFile(pipe, "text");
  expect(await reader.stdout.text()).toBe("text");
});

test("a folder that a user names is refused with its name", async () => {
  await using project = await projectFolder({});
  expect(() => writeOutputFile(project.folder, "text")).toThrow(
    expect.objectContaining({ code: "EISDIR", path: project.folder }),
  );
});
