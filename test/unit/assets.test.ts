import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack, type Header } from "tar-stream";
import { packFolders } from "../../scripts/assets.ts";
import { packTar, readTar } from "../../src/lib/tar.ts";
import { FileConflict, writeEntries } from "../../src/lib/write-entries.ts";
import { extractAssets, listAssets, openAssets } from "../../src/assets.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "reyns-assets-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A tree with what tends to get lost: an executable, a link, an empty folder, a file that is not UTF-8. */
async function makeTree(base: string): Promise<void> {
  await mkdir(join(base, "images", "one", "empty"), { recursive: true });
  await writeFile(join(base, "images", "one", "Dockerfile"), "FROM scratch\n");
  await writeFile(join(base, "images", "one", "run.sh"), "#!/bin/sh\n", { mode: 0o700 });
  await writeFile(join(base, "images", "one", "raw"), Buffer.from([0, 255, 128]));
  await writeFile(join(base, "images", "one-more"), "", { mode: 0o600 });
  await symlink("run.sh", join(base, "images", "one", "link"));
}

/** The time of a tar's first entry, which its header has in octal digits. */
const modificationTime = (bytes: Buffer): number => parseInt(bytes.toString("latin1", 136, 147), 8);

const namesBelowOne = ["Dockerfile", "empty", "link", "raw", "run.sh"];

describe("packFolders", () => {
  test("gives the same bytes whatever the times, the umask and the order of creation", async () => {
    const [first, second] = [join(folder, "first"), join(folder, "second")];
    await makeTree(first);
    await mkdir(join(second, "images"), { recursive: true });
    await writeFile(join(second, "images", "one-more"), "");
    await makeTree(second);
    await chmod(join(second, "images", "one", "run.sh"), 0o755);
    await utimes(join(second, "images", "one", "raw"), 1, 1);
    const bytes = await packFolders(first, ["images"]);
    expect(bytes).toEqual(await packFolders(second, ["images"]));
    expect(modificationTime(bytes)).toBe(0);
  });

  test("leaves out keys, data and what editors leave behind", async () => {
    await makeTree(folder);
    for (const name of [".reyns", "data_demo", "node_modules"])
      await mkdir(join(folder, "images", name));
    for (const name of [".reyns/key", "host.conf", "Dockerfile~", ".a.swp"]) {
      await writeFile(join(folder, "images", name), "secret");
    }
    const names = (await readTar(await packFolders(folder, ["images"]), "images")).map(
      (entry) => entry.name,
    );
    expect(names).toEqual(["one", ...namesBelowOne.map((name) => `one/${name}`), "one-more"]);
  });
});

describe("readTar", () => {
  test("keeps modes, links, empty folders and bytes, named from the prefix", async () => {
    await makeTree(folder);
    const entries = await readTar(await packFolders(folder, ["images"]), "images/one");
    expect(entries.map(({ name, type, mode, linkname }) => [name, type, mode, linkname])).toEqual([
      ["Dockerfile", "file", 0o644, undefined],
      ["empty", "directory", 0o755, undefined],
      ["link", "symlink", 0o777, "run.sh"],
      ["raw", "file", 0o644, undefined],
      ["run.sh", "file", 0o755, undefined],
    ]);
    expect(entries[3]?.content).toEqual(Buffer.from([0, 255, 128]));
  });

  const hostile: [string, Partial<Header> & { name: string }][] = [
    ["unsafe name", { name: "../escaped" }],
    ["unsafe name", { name: "/etc/passwd" }],
    ["unsafe name", { name: "a/../../escaped" }],
    ["unsafe name", { name: String.raw`a\..\b` }],
    ["points outside", { name: "a/link", type: "symlink", linkname: "../../etc" }],
    ["points outside", { name: "link", type: "symlink", linkname: "/etc" }],
    ["unsupported entry", { name: "fifo", type: "fifo" }],
    ["unsupported entry", { name: "hard", type: "link", linkname: "../escaped" }],
  ];
  test.each(hostile)("%s: %j", async (message, header) => {
    const archive = pack();
    archive.entry(header, "");
    archive.finalize();
    const bytes = Buffer.concat(await Array.fromAsync(archive as AsyncIterable<Uint8Array>));
    await expect(readTar(bytes, "")).rejects.toThrow(message);
  });

  test("rejects a link that points outside the prefix", async () => {
    await mkdir(join(folder, "images", "one"), { recursive: true });
    await symlink("../two", join(folder, "images", "one", "link"));
    const bytes = await packFolders(folder, ["images"]);
    expect((await readTar(bytes, "images")).length).toBe(2);
    await expect(readTar(bytes, "images/one")).rejects.toThrow("points outside");
  });
});

describe("writeEntries", () => {
  async function entriesOfTree(): Promise<Awaited<ReturnType<typeof readTar>>> {
    await makeTree(join(folder, "source"));
    return readTar(await packFolders(join(folder, "source"), ["images"]), "images/one");
  }

  test("writes files, modes, links and empty folders under any umask, and nothing twice", async () => {
    const entries = await entriesOfTree();
    const target = join(folder, "new", "target");
    const umask = process.umask(0o077);
    const written = await writeEntries(entries, target).finally(() => process.umask(umask));
    expect(written).toEqual(["Dockerfile", "link", "raw", "run.sh"]);
    expect((await readdir(target)).toSorted()).toEqual(namesBelowOne);
    expect((await lstat(join(target, "run.sh"))).mode & 0o777).toBe(0o755);
    expect((await lstat(join(target, "raw"))).mode & 0o777).toBe(0o644);
    expect(await readlink(join(target, "link"))).toBe("run.sh");
    expect((await lstat(join(target, "empty"))).isDirectory()).toBe(true);
    expect(await writeEntries(entries, target)).toEqual([]);
  });

  test("refuses to replace anything, names all of it, and writes nothing", async () => {
    const entries = await entriesOfTree();
    const target = join(folder, "target");
    await mkdir(target);
    await writeFile(join(target, "Dockerfile"), "FROM mine\n");
    await writeFile(join(target, "empty"), "a file, not a folder");
    await symlink("elsewhere", join(target, "link"));
    const refusal = await writeEntries(entries, target).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(FileConflict);
    expect(refusal).toMatchObject({ files: ["Dockerfile", "empty", "link"] });
    expect((await readdir(target)).toSorted()).toEqual(["Dockerfile", "empty", "link"]);
    expect(await readFile(join(target, "Dockerfile"), "utf8")).toBe("FROM mine\n");
  });

  test("does not follow a link out of the folder", async () => {
    await mkdir(join(folder, "source", "images", "sub"), { recursive: true });
    await writeFile(join(folder, "source", "images", "sub", "file"), "content");
    const entries = await readTar(await packFolders(join(folder, "source"), ["images"]), "images");
    await mkdir(join(folder, "outside"));
    await mkdir(join(folder, "target"));
    await symlink("../outside", join(folder, "target", "sub"));
    await expect(writeEntries(entries, join(folder, "target"))).rejects.toBeInstanceOf(
      FileConflict,
    );
    expect(await readdir(join(folder, "outside"))).toEqual([]);
  });
});

test("packTar gives back what readTar read", async () => {
  await makeTree(folder);
  const bytes = await packFolders(folder, ["images"]);
  const part = await readTar(bytes, "images/one");
  const again = Buffer.concat(await Array.fromAsync(packTar(part)));
  expect(await readTar(again, "")).toEqual(part);
  expect(modificationTime(again)).toBe(0);
});

describe("what the executable carries", () => {
  test.each(["images", "templates", "demo"])(
    "%s: listed, opened and extracted alike",
    async (prefix) => {
      const names = await listAssets(prefix);
      const opened = await readTar(Buffer.concat(await Array.fromAsync(openAssets(prefix))), "");
      expect(
        opened.filter((entry) => entry.type !== "directory").map((entry) => entry.name),
      ).toEqual(names);
      expect(await extractAssets(prefix, join(folder, prefix))).toEqual(names);
      for (const entry of opened.filter(({ type }) => type === "file")) {
        const path = join(folder, prefix, entry.name);
        expect(entry.content.equals(await readFile(path))).toBe(true);
        expect((await lstat(path)).mode & 0o777).toBe(entry.mode);
      }
    },
  );

  test("an unknown prefix is an error, not an empty context", async () => {
    await expect(Array.fromAsync(openAssets("imagse"))).rejects.toThrow(
      'no embedded files below "imagse"',
    );
  });
});
