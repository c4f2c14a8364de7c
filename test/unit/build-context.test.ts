import { describe, expect, test } from "bun:test";
import { appendFile, chmod, mkdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { extract, type Header } from "tar-stream";
import { packFolder } from "../../src/runtime/build/context.ts";
import type { ReynsError } from "../../src/errors.ts";
import { projectFolder } from "./support/project-folder.ts";

async function bytesOf(folder: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await packFolder(folder)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Name -> header and content, in the order of the archive. */
async function entriesOf(folder: string): Promise<Map<string, Header & { content: string }>> {
  const entries = new Map<string, Header & { content: string }>();
  const unpacked = extract();
  unpacked.end(await bytesOf(folder));
  for await (const entry of unpacked) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    const { name, type } = entry.header;
    entries.set(type === "directory" ? `${name}/` : name, {
      ...entry.header,
      content: Buffer.concat(chunks).toString(),
    });
  }
  return entries;
}

test("entries are sorted and keep modes, links and empty folders, but not owners and times", async () => {
  await using context = await projectFolder({
    Dockerfile: "FROM a",
    "b/run.sh": "#!",
    "a.txt": "x",
    "ü/日": "y",
  });
  const at = (path: string): string => join(context.folder, path);
  await chmod(at("b/run.sh"), 0o4751);
  await mkdir(at("empty"), { mode: 0o700 });
  await symlink("nowhere/../x", at("link"));
  Bun.spawnSync(["mkfifo", at("pipe")]);
  const entries = await entriesOf(context.folder);
  expect([...entries.keys()]).toEqual([
    "Dockerfile",
    "a.txt",
    "b/",
    "b/run.sh",
    "empty/",
    "link",
    "ü/",
    "ü/日",
  ]);
  expect(entries.get("b/run.sh")).toMatchObject({ type: "file", mode: 0o4751, content: "#!" });
  expect(entries.get("empty/")).toMatchObject({ type: "directory", mode: 0o700 });
  expect(entries.get("link")).toMatchObject({ type: "symlink", linkname: "nowhere/../x" });
  for (const { uid, gid, mtime } of entries.values())
    expect({ uid, gid, mtime: mtime?.getTime() }).toEqual({ uid: 0, gid: 0, mtime: 0 });
});

test("the same files give the same bytes, in any folder and at any time", async () => {
  const files = {
    "z/1": "1",
    Dockerfile: "FROM a",
    [`${"deep/".repeat(40)}long-name`]: "2",
    a: "3",
  };
  await using first = await projectFolder(files);
  await using second = await projectFolder(
    Object.fromEntries(Object.entries(files).toReversed()),
    "other",
  );
  const bytes = await bytesOf(first.folder);
  expect(bytes.equals(await bytesOf(first.folder))).toBe(true);
  expect(bytes.equals(await bytesOf(second.folder))).toBe(true);
  await writeFile(join(second.folder, "a"), "4");
  expect(bytes.equals(await bytesOf(second.folder))).toBe(false);
});

describe(".dockerignore", () => {
  const files = [
    "Dockerfile",
    "a.txt",
    "b.md",
    "n/x.txt",
    "n/keep.txt",
    "n/m/y.txt",
    "n/m/keep.txt",
  ];
  const cases: [string, string[]][] = [
    [
      "",
      [
        "Dockerfile",
        "a.txt",
        "b.md",
        "n/",
        "n/keep.txt",
        "n/m/",
        "n/m/keep.txt",
        "n/m/y.txt",
        "n/x.txt",
      ],
    ],
    ["*", ["Dockerfile"]],
    ["*\n!b.md", ["Dockerfile", "b.md"]],
    ["n", ["Dockerfile", "a.txt", "b.md"]],
    ["n\n!n/m/keep.txt", ["Dockerfile", "a.txt", "b.md", "n/", "n/m/", "n/m/keep.txt"]],
    ["**/*.txt\n!**/keep.txt", ["Dockerfile", "b.md", "n/", "n/keep.txt", "n/m/", "n/m/keep.txt"]],
    ["# all\n/a.txt\r\n./b.md\n*/m\n", ["Dockerfile", "n/", "n/keep.txt", "n/x.txt"]],
    [
      "Dockerfile\n.dockerignore",
      [
        "Dockerfile",
        "a.txt",
        "b.md",
        "n/",
        "n/keep.txt",
        "n/m/",
        "n/m/keep.txt",
        "n/m/y.txt",
        "n/x.txt",
      ],
    ],
  ];
  test.each(cases)("%j", async (rules, kept) => {
    const content = Object.fromEntries(files.map((file) => [file, file]));
    await using context = await projectFolder({ ...content, ".dockerignore": rules });
    const names = [...(await entriesOf(context.folder)).keys()];
    expect(names).toEqual([".dockerignore", ...kept]);
  });
});

describe("big files", () => {
  const size = 50 * 1024 * 1024;

  test("are streamed", async () => {
    await using context = await projectFolder({ Dockerfile: "FROM a", big: "" });
    await truncate(join(context.folder, "big"), size);
    let total = 0;
    let largest = 0;
    for await (const chunk of await packFolder(context.folder)) {
      total += (chunk as Buffer).length;
      largest = Math.max(largest, (chunk as Buffer).length);
    }
    expect(total).toBe(size + 512 * 2 + 512 + 1024);
    expect(largest).toBeLessThanOrEqual(1024 * 1024);
  });

  const changes: [string, (file: string) => Promise<void>][] = [
    ["grow", (file) => appendFile(file, "more")],
    ["shrink", (file) => truncate(file, 10)],
    ["disappear", (file) => rm(file)],
  ];
  test.each(changes)(
    "that %s while they are read fail the build context without hanging",
    async (_, change) => {
      await using context = await projectFolder({ Dockerfile: "FROM a", a: "", "later.txt": "" });
      await truncate(join(context.folder, "a"), 5 * 1024 * 1024);
      await truncate(join(context.folder, "later.txt"), 5 * 1024 * 1024);
      const stream = await packFolder(context.folder);
      await change(join(context.folder, "later.txt"));
      const read = async (): Promise<void> => {
        for await (const chunk of stream) expect(chunk).toBeInstanceOf(Uint8Array);
      };
      expect(
        await read().then(
          () => "all read",
          () => "failed",
        ),
      ).toBe("failed");
    },
  );
});

test("a missing folder is an error", async () => {
  await using context = await projectFolder({});
  expect(packFolder(join(context.folder, "nowhere"))).rejects.toThrow("ENOENT");
});

test("a .dockerignore that cannot be read is an error, because it may exclude secrets", async () => {
  await using context = await projectFolder({ Dockerfile: "FROM a", ".dockerignore/x": "" });
  const { code, message } = (await packFolder(context.folder).catch(
    (error) => error,
  )) as ReynsError;
  expect(code).toBe("FILE_REFUSED");
  expect(message).toStartWith(`cannot read ${join(context.folder, ".dockerignore")}: `);
});
