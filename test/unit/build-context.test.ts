import { describe, expect, test } from "bun:test";
import { appendFile, chmod, link, mkdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packFolder } from "../../src/runtime/build/context.ts";
import { projectFolder } from "./support/project-folder.ts";
import { bytesOf, type Entries, entriesOf, unpack } from "./support/packed-context.ts";

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

  const changes: [string, (file: string) => Promise<void>, string | undefined][] = [
    ["grow", (file) => appendFile(file, "more"), "4"],
    ["shrink", (file) => truncate(file, 10), "4"],
    ["disappear", (file) => rm(file), undefined],
    ["become a folder", (file) => rm(file).then(() => mkdir(file)), undefined],
    ["become a link", (file) => rm(file).then(() => symlink("a", file)), undefined],
  ];
  test.each(changes)(
    "that %s while the others are read are packed as far as they go",
    async (...row) => {
      const [, change, last] = row;
      await using context = await projectFolder({ Dockerfile: "FROM a", a: "", later: "", z: "4" });
      await truncate(join(context.folder, "a"), 5 * 1024 * 1024);
      await truncate(join(context.folder, "later"), 5 * 1024 * 1024);
      const stream = await packFolder(context.folder);
      await change(join(context.folder, "later"));
      const entries = await unpack(stream);
      expect([...entries.keys()]).toEqual([
        "Dockerfile",
        "a",
        ...(last === undefined ? [] : ["later"]),
        "z",
      ]);
      expect(entries.get("z")?.content).toBe("4");
    },
  );

  const whileRead: [string, (file: string) => Promise<void>][] = [
    ["grows", (file) => appendFile(file, "more")],
    ["shrinks", (file) => truncate(file, 10)],
    ["disappears", (file) => rm(file)],
  ];
  test.each(whileRead)(
    "one that %s while it is read keeps its size in the archive",
    async (...row) => {
      const [, change] = row;
      await using context = await projectFolder({ Dockerfile: "FROM a", big: "", z: "4" });
      await truncate(join(context.folder, "big"), size);
      let isChanged = false;
      async function* changing(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
        for await (const chunk of stream) {
          if (!isChanged && chunk.length > 512) {
            isChanged = true;
            await change(join(context.folder, "big"));
          }
          yield chunk;
        }
      }
      const entries = await unpack(changing(await packFolder(context.folder)));
      expect(isChanged).toBe(true);
      expect(entries.get("big")).toMatchObject({ size });
      expect(entries.get("z")?.content).toBe("4");
    },
  );
});

test("a link that is the Dockerfile is packed as the file that it leads to", async () => {
  await using context = await projectFolder({ "app/a": "", "docker/web": "FROM b" });
  await symlink("../docker/web", join(context.folder, "app/Dockerfile"));
  const entries = await entriesOf(join(context.folder, "app"));
  expect(entries.get("Dockerfile")).toMatchObject({ type: "file", content: "FROM b" });
});

test("the text of a Dockerfile takes the place of a file, or lies beside them", async () => {
  await using context = await projectFolder({ Dockerfile: "FROM a", kept: "", ".reyns/key": "" });
  const pack = async (dockerfile: string): Promise<string[]> => {
    const stream = await packFolder(context.folder, { dockerfile, dockerfileText: "FROM b" });
    return [...(await unpack(stream))].map(([name, { content }]) => `${name} ${content}`.trim());
  };
  expect(await pack("Dockerfile")).toEqual(["Dockerfile FROM b", "kept"]);
  expect(await pack(".reyns/Dockerfile")).toEqual([
    ".reyns/Dockerfile FROM b",
    "Dockerfile FROM a",
    "kept",
  ]);
});

test("a missing folder is an error", async () => {
  await using context = await projectFolder({});
  expect(packFolder(join(context.folder, "nowhere"))).rejects.toThrow("ENOENT");
});

describe("a Dockerfile outside of the context", () => {
  const files = {
    "web/a": "",
    "web/b.md": "",
    "web/.dockerignore": "a",
    "docker/web.Dockerfile": "FROM b",
    "docker/sub/real": "FROM c",
    ".reyns/keys/tsig.key": "secret",
    "host.conf": "secret",
  };
  const dockerfile = "../docker/web.Dockerfile";
  const packed = ".reyns/Dockerfile";
  const packWith = async (folder: string, name: string): Promise<Entries> => {
    const privatePaths = [".reyns", "host.conf"].map((path) => join(folder, path));
    return unpack(await packFolder(join(folder, "web"), { dockerfile: name, privatePaths }));
  };

  test("is packed under a name of its own, for root alone", async () => {
    await using project = await projectFolder({ ...files, [`web/${packed}`]: "of the context" });
    const entries = await packWith(project.folder, dockerfile);
    expect([...entries.keys()]).toEqual([packed, ".dockerignore", "b.md"]);
    expect(entries.get(packed)).toMatchObject({ type: "file", content: "FROM b", mode: 0o600 });
  });

  test("has its own NAME.dockerignore beside it, which is not packed", async () => {
    const ignored = { "docker/web.Dockerfile.dockerignore": "*.md" };
    await using project = await projectFolder({ ...files, ...ignored });
    const entries = await packWith(project.folder, dockerfile);
    expect([...entries.keys()]).toEqual([packed, ".dockerignore", "a"]);
  });

  test("may be a link", async () => {
    await using project = await projectFolder(files);
    await symlink("sub/real", join(project.folder, "docker/link"));
    const entries = await packWith(project.folder, "../docker/link");
    expect(entries.get(packed)).toMatchObject({ type: "file", content: "FROM c", mode: 0o600 });
  });

  test("is not waited for where it has become a pipe", async () => {
    await using project = await projectFolder(files);
    Bun.spawnSync(["mkfifo", join(project.folder, "docker/pipe")]);
    expect([...(await packWith(project.folder, "../docker/pipe")).keys()]).not.toContain(packed);
  });

  test.each(["../.reyns/keys/tsig.key", "../host.conf", "../docker/keys", "../docker/hard", "in"])(
    "is refused where %s is a private file of the project",
    async (name) => {
      await using project = await projectFolder(files);
      const at = (path: string): string => join(project.folder, path);
      await symlink("../.reyns/keys/tsig.key", at("docker/keys"));
      await link(at("host.conf"), at("docker/hard"));
      await symlink("../host.conf", at("web/in"));
      const error = await packWith(project.folder, name).catch((refused: unknown) => refused);
      expect(error).toMatchObject({
        code: "FILE_REFUSED",
        message: expect.stringContaining("is a private file"),
      });
    },
  );
});
