// A file that claims to be one of `save`, whose digest is right and whose contents are not what they should be.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifySaved } from "../../src/runtime/saved/load.ts";
import { planLoad, requireSpace } from "../../src/runtime/saved/load-project.ts";
import type { SavedFile } from "../../src/model/saved-project.ts";
import { openSaved } from "../../src/runtime/saved/open.ts";
import { digestOf, writeSavedFile, type Contents } from "../support/saved-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reyns-saved-"));
});
afterAll(() => rm(folder, { recursive: true }));

const signal = new AbortController().signal;

/** Everything that is checked before the Engine is asked. */
async function accept(contents: Contents, target = join(folder, "target")): Promise<void> {
  const file = join(folder, "file");
  await writeSavedFile(file, contents);
  await using saved = await openSaved(file, { signal });
  planLoad(target, saved);
  await verifySaved(saved, signal, () => {});
}

const fileAt = (path: string): Contents => ({
  index: { files: [{ path, type: "file", mode: 0o644, size: 1, digest: digestOf("x") }] },
  entries: [{ name: `project/${path}`, content: Buffer.from("x") }],
});

const link = (path: string, target: string): Contents => ({
  index: { files: [{ path, type: "symlink", mode: 0o777, size: 0, target }] },
  entries: [{ name: `project/${path}`, type: "symlink", linkname: target }],
});

test("an ordinary file and links within the folder are accepted", async () => {
  await accept(fileAt("services/web/Dockerfile"));
  await accept(link("current", "services/web"));
  const { index: one, entries: first = [] } = link("releases/now", "./1");
  const { index: other, entries: second = [] } = link("bin", "releases/now/../2/bin");
  const files = [...(one?.files ?? []), ...(other?.files ?? [])];
  await accept({ index: { files }, entries: [...first, ...second] });
  await accept(link("loop", "loop"));
});

describe("a path of the table of contents is refused", () => {
  for (const path of [
    "../x",
    "a/../../x",
    "/etc/x",
    "",
    ".",
    "a//b",
    "a/./b",
    ".reyns/keys/ssh",
    ".Reyns/keys/ssh",
    ".git/hooks/post-checkout",
    "a/.git/config",
    "host.conf",
    "HOST.CONF",
    "a\0b",
  ])
    test(JSON.stringify(path), async () => {
      await expect(accept(fileAt(path))).rejects.toThrow(/no path of a project's file/);
    });
});

describe("a link is refused", () => {
  for (const [path, target] of [
    ["a", "/etc/passwd"],
    ["a", "../x"],
    ["a/b", "../../x"],
    ["a", ""],
  ] as const)
    test(`${path} -> ${target}`, async () => {
      await expect(accept(link(path, target))).rejects.toThrow(/leads out of the project's folder/);
    });

  test("when it leads out through another one", async () => {
    const { index: one, entries: first = [] } = link("a/b/c", "..");
    const { index: other, entries: second = [] } = link("d", "a/b/c/../../x");
    const files = [...(one?.files ?? []), ...(other?.files ?? [])];
    const entries = [...first, ...second];
    await expect(accept({ index: { files }, entries })).rejects.toThrow(
      "the link d leads out of the project's folder: a/b/c/../../x",
    );
  });

  test("when a file lies behind it", async () => {
    const { index: one } = link("a", "b");
    const { index: other, entries = [] } = fileAt("a/x");
    const files = [...(one?.files ?? []), ...(other?.files ?? [])];
    await expect(accept({ index: { files }, entries })).rejects.toThrow("a/x lies behind a link");
  });
});

describe("an entry of the tar is refused", () => {
  for (const entry of [
    { name: "../x" },
    { name: "/etc/x" },
    { name: "project/other" },
    { name: "blobs/sha256/other" },
    { name: "device", type: "character-device" as never },
  ])
    test(entry.name, async () => {
      await expect(accept({ entries: [entry] })).rejects.toThrow(
        /its table of contents has no such/,
      );
    });

  test("of another type than the table of contents says", async () => {
    const { index = {} } = fileAt("a");
    const entries = [{ name: "project/a", type: "symlink", linkname: "/etc" } as const];
    await expect(accept({ index, entries })).rejects.toThrow(/no such symlink project\/a/);
  });

  test("the second time", async () => {
    const { index = {}, entries = [] } = fileAt("a");
    const twice = [...entries, ...entries];
    await expect(accept({ index, entries: twice })).rejects.toThrow(/no such file project\/a/);
  });

  test("whose content is another one of the same size", async () => {
    const { index = {} } = fileAt("a");
    const entries = [{ name: "project/a", content: Buffer.from("y") }];
    await expect(accept({ index, entries })).rejects.toThrow(
      /project\/a does not have the content/,
    );
  });

  test("when it is missing", async () => {
    const { index = {} } = fileAt("a");
    await expect(accept({ index })).rejects.toThrow(/it lacks project\/a/);
  });
});

test("a project whose name is a path is refused", async () => {
  for (const project of ["..", "../x", "/x", "a/b", ""])
    await expect(accept({ index: { project } })).rejects.toThrow(/no name of a project/);
});

test("the name of a conf or group that a shell would not take for one is refused", async () => {
  for (const name of ["a;reboot", "$(x)", "-x", "a\nb", "\u001b[2J", ""]) {
    await expect(accept({ index: { conf: name } })).rejects.toThrow(/conf: no name/);
    await expect(accept({ index: { group: name } })).rejects.toThrow(/group: no name/);
  }
  await accept({ index: { conf: "zwei Wörter", group: "node-1" } });
});

test("a file without a digest, a link without a target and a path twice are refused", async () => {
  const file = { path: "a", type: "file" as const, mode: 0o644, size: 1, digest: digestOf("x") };
  const { digest: _, ...bare } = file;
  const entries = [{ name: "project/a", content: Buffer.from("x") }];
  const accepting = (files: SavedFile[]): Promise<void> => accept({ index: { files }, entries });
  await accepting([file]);
  await expect(accepting([bare])).rejects.toThrow(/no digest/);
  await expect(accepting([{ ...bare, type: "symlink" }])).rejects.toThrow(/no target/);
  await expect(accepting([file, file])).rejects.toThrow(/a path twice/);
});

test("files that are larger than the disk are refused before anything is loaded", async () => {
  const file = join(folder, "large");
  const { index: { files = [] } = {} } = fileAt("a");
  await writeSavedFile(file, { index: { files: files.map((one) => ({ ...one, size: 2 ** 52 })) } });
  await using saved = await openSaved(file, { signal });
  await expect(requireSpace(folder, saved)).rejects.toThrow(/nothing was loaded/);
});

test("a receipt whose name is a path is refused", async () => {
  const receipts = [{ name: "../x.json", digest: digestOf("x"), size: 1 }];
  await expect(accept({ index: { receipts } })).rejects.toThrow(/no name/);
});

test("a file of a newer version is refused with what to do", async () => {
  const index = { format: 2 } as never;
  await expect(accept({ index })).rejects.toThrow(/newer version of Reyns/);
});

test("a link in the folder is not followed", async () => {
  const target = join(folder, "linked");
  await mkdir(join(target, ".reyns"), { recursive: true });
  await Bun.write(join(target, ".reyns/loaded.json"), '{"project":"shop","files":{}}');
  await symlink("/tmp", join(target, "services"));
  await expect(accept(fileAt("services/x"), target)).rejects.toThrow(/services is a link/);
  expect((await readdir(target)).toSorted()).toEqual([".reyns", "services"]);
});
