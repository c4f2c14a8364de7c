// What a container sends is unpacked below the target alone, whatever the tar says.
import { expect, test } from "bun:test";
import {
  chmod,
  lstat,
  mkdir,
  readFile,
  readdir,
  readlink,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { pack, type Header } from "tar-stream";
import type { ReynsError } from "../../src/errors.ts";
import { createCount, type CopyCount } from "../../src/runtime/copy/count.ts";
import { receiveTree } from "../../src/runtime/copy/receive.ts";
import { temporaryFolder } from "../engine/support/images-container.ts";

type Entry = Pick<Header, "name"> & Partial<Header>;

async function* tarOf(entries: readonly Entry[]): AsyncGenerator<Uint8Array> {
  const archive = pack();
  for (const entry of entries)
    archive.entry(entry, (entry.type ?? "file") === "file" ? `in ${entry.name}` : "");
  archive.finalize();
  yield* archive as AsyncIterable<Uint8Array>;
}

async function receive(target: string, ...entries: readonly Entry[]): Promise<CopyCount> {
  const count = createCount();
  await receiveTree(tarOf(entries), target, { keepOwners: false, count });
  return count;
}

const root: Entry = { name: "etc/", type: "directory", mode: 0o755 };

test("a tree is unpacked with modes, times, links and names beyond 100 characters", async () => {
  await using folder = await temporaryFolder();
  const target = join(folder.path, "copy");
  const long = "n".repeat(180);
  const mtime = new Date(1_000_000_000_000);
  const count = await receive(
    target,
    { ...root, mode: 0o500, mtime },
    { name: "etc/a", mode: 0o6751, mtime },
    { name: "etc/b", type: "link", linkname: "etc/a" },
    { name: "etc/c", type: "symlink", linkname: "/nowhere/../else" },
    { name: `etc/${long}/`, type: "directory" },
    { name: `etc/${long}/${long}`, mode: 0o600 },
    { name: "etc/device", type: "character-device" },
  );
  expect(count).toMatchObject({ files: 3, folders: 2, links: 1 });
  expect(count.leftOut).toEqual([join(target, "device")]);
  expect((await stat(target)).mode & 0o7777).toBe(0o500);
  expect((await stat(target)).mtime).toEqual(mtime);
  // Without set-user-ID and set-group-ID.
  expect((await stat(join(target, "b"))).mode & 0o7777).toBe(0o751);
  expect((await stat(join(target, "b"))).mtime).toEqual(mtime);
  expect(await readlink(join(target, "c"))).toBe("/nowhere/../else");
  expect(await readFile(join(target, long, long), "utf8")).toBe(`in etc/${long}/${long}`);
  await chmod(target, 0o700);
});

test.each([
  ["a name with ..", [{ name: "etc/../../outside/x" }]],
  ["a name of another folder", [{ name: "outside/x" }]],
  ["an absolute name", [{ name: "/outside/x" }]],
  [
    "a file behind a link of its own",
    [{ name: "etc/out", type: "symlink", linkname: "../outside" }, { name: "etc/out/x" }],
  ],
  [
    "a folder behind a link of its own",
    [
      { name: "etc/out", type: "symlink", linkname: "../outside" },
      { name: "etc/out/x/", type: "directory" },
    ],
  ],
  ["a file behind a link that is there", [{ name: "etc/old/x" }]],
  ["a folder in the place of a link", [{ name: "etc/old", type: "directory" }]],
  ["another name of a file elsewhere", [{ name: "etc/x", type: "link", linkname: "../outside/y" }]],
  [
    "another name of a file behind a link",
    [{ name: "etc/x", type: "link", linkname: "etc/old/y" }],
  ],
  ["a file in the place of a folder", [{ name: "etc/inner" }]],
  ["a link in the place of the target", [{ name: "etc", type: "symlink", linkname: "../outside" }]],
] as [string, Entry[]][])("%s is refused, and nothing is written there", async (_, entries) => {
  await using folder = await temporaryFolder();
  const [target, outside] = [join(folder.path, "copy"), join(folder.path, "outside")];
  await mkdir(outside);
  await mkdir(join(target, "inner"), { recursive: true });
  await writeFile(join(outside, "y"), "theirs");
  await symlink("../outside", join(target, "old"));
  const received = receive(target, root, ...entries);
  expect(await received.catch((error: { code: string }) => error.code)).toBe("FILE_REFUSED");
  expect(await readdir(outside)).toEqual(["y"]);
  expect((await lstat(target)).isDirectory()).toBe(true);
});

test("a file takes the place of a link without following it", async () => {
  await using folder = await temporaryFolder();
  const [target, other] = [join(folder.path, "copy"), join(folder.path, "other")];
  await writeFile(other, "theirs");
  await mkdir(target);
  await symlink("../other", join(target, "x"));
  await receive(target, root, { name: "etc/x" });
  expect(await readFile(other, "utf8")).toBe("theirs");
  expect(await readFile(join(target, "x"), "utf8")).toBe("in etc/x");
  expect(await readdir(target)).toEqual(["x"]);
});

test("a tar that is cut off leaves no half of a file, and what was there before", async () => {
  await using folder = await temporaryFolder();
  const target = join(folder.path, "x");
  await writeFile(target, "before");
  const bytes = Buffer.concat(await Array.fromAsync(tarOf([{ name: "x", size: 4 }])));
  const cut = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, 514);
  };
  const received = receiveTree(cut(), target, { keepOwners: false, count: createCount() });
  expect(await received.catch(({ code, message }: ReynsError) => `${code}: ${message}`)).toBe(
    "FILE_REFUSED: the Engine's tar cannot be read: Unexpected end of data",
  );
  expect(await readdir(folder.path)).toEqual(["x"]);
  expect(await readFile(target, "utf8")).toBe("before");
});
