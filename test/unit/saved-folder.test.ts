// What a load does with a folder that has files of the project already.
import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { FileChanges } from "../../src/runtime/saved/compare-files.ts";
import { placeProject, planLoad, removeUnused } from "../../src/runtime/saved/load-project.ts";
import { openSaved, type SavedProject } from "../../src/runtime/saved/open.ts";
import { digestOf, writeSavedFile, type Contents } from "../support/saved-file.ts";
import { rejectedBy } from "./support/project-folder.ts";

let outer: string;
let folder: string;
beforeEach(() => {
  outer = mkdtempSync(join(tmpdir(), "reyns-saved-"));
  folder = join(outer, "shop");
});
afterEach(() => rmSync(outer, { recursive: true }));

const signal = new AbortController().signal;

async function saved(contents: Contents): Promise<SavedProject> {
  await writeSavedFile(join(outer, "file"), contents);
  return openSaved(join(outer, "file"), { signal });
}

/** Loads files as if there were no images. */
async function load(contents: Contents, agreed?: readonly string[]): Promise<readonly string[]> {
  await using project = await saved(contents);
  const stage = join(outer, "stage");
  mkdirSync(stage, { recursive: true });
  for (const text of Object.values(contents.files ?? {}))
    writeFileSync(join(stage, digestOf(text).slice("sha256:".length)), text);
  mkdirSync(join(folder, ".reyns"), { recursive: true });
  return placeProject(folder, project, { stage, agreed, ids: {} });
}

async function planned(contents: Contents): Promise<Record<keyof FileChanges, unknown>> {
  await using project = await saved(contents);
  const { write, chmod, ...others } = planLoad(folder, project);
  const paths = (files: typeof write): string[] => files.map(({ path }) => path);
  return { write: paths(write), chmod: paths(chmod), ...others };
}

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const nothing = { write: [], chmod: [], remove: [], kept: [], changed: [] };

test("a new folder gets everything, and the same file again changes nothing", async () => {
  const files = { "reyns.ts": "1", "web/a": "2" };
  expect(await planned({ files })).toEqual({
    ...nothing,
    write: ["reyns.ts", "web/a"],
  });
  await load({ files });
  expect(await planned({ files })).toEqual(nothing);
});

test("files that were changed or added here are told from those of an earlier load", async () => {
  await load({ files: { a: "1", b: "1", c: "1", "old/d": "1", e: "1" } });
  put("b", "changed");
  put("e", "2");
  put("notes", "mine");
  expect(await planned({ files: { a: "2", b: "2", c: "1", e: "2" } })).toEqual({
    ...nothing,
    write: ["a", "b"],
    remove: ["old/d"],
    changed: ["b"],
  });
  put("old/d", "changed");
  const { changed } = await planned({ files: { a: "1" } });
  expect(changed).toEqual(["b", "old/d", "e"]);
});

test("a folder that was emptied is filled again, and one of another project is refused", async () => {
  await load({ files: { a: "1" } });
  rmSync(join(folder, "a"));
  expect(await planned({ files: { a: "1" } })).toEqual({ ...nothing, write: ["a"] });
  const [error] = await rejectedBy(planned({ files: { a: "1" }, index: { project: "other" } }));
  expect(error?.message).toBe(`${folder} has the project shop, not other`);
});

test("what is this host's own is no obstacle in a folder, anything else is", async () => {
  put("host.conf", "{}");
  put(".reyns/keys/x", "");
  expect(await planned({ files: { a: "1" } })).toEqual({ ...nothing, write: ["a"] });
  put("other", "");
  const [error] = await rejectedBy(planned({ files: { a: "1" } }));
  expect(error?.message).toBe(`${folder} has files that no load has put there, such as other`);
});

test("a file takes the place of a folder or a link only if a load has put that there", async () => {
  await load({ files: { a: "1", "b/c": "1" } });
  await load({ files: { "a/x": "1", b: "1" } });
  expect(statSync(join(folder, "a/x")).isFile()).toBe(true);
  rmSync(join(folder, "b"));
  put("b/mine", "");
  const [error] = await rejectedBy(planned({ files: { "a/x": "1", b: "1" } }));
  expect(error?.message).toBe(
    `${join(folder, "b")} is a folder, where the project has something else`,
  );
  rmSync(join(folder, "b"), { recursive: true });
  symlinkSync("/etc", join(folder, "b"));
  expect(await planned({ files: { "a/x": "1", b: "1" } })).toMatchObject({ changed: ["b"] });
  const [behind] = await rejectedBy(planned({ files: { "a/x": "1", "c/d": "1", "b/hosts": "1" } }));
  expect(behind).toBeUndefined();
});

test("a folder of data is left alone", async () => {
  await load({ files: { a: "1" } });
  put("data_shop/.reyns-project", "{}");
  const [error] = await rejectedBy(planned({ files: { "data_shop/x": "1" } }));
  expect(error?.message).toContain("data_shop is a folder of data");
});

test("permissions alone are set again", async () => {
  const index = {
    files: [{ path: "a", type: "file" as const, mode: 0o755, size: 1, digest: digestOf("1") }],
  };
  await load({ files: { a: "1" }, index });
  expect(statSync(join(folder, "a")).mode & 0o777).toBe(0o755);
  chmodSync(join(folder, "a"), 0o644);
  expect(await planned({ files: { a: "1" }, index })).toEqual({ ...nothing, chmod: ["a"] });
});

test("a file that only the base has must be as it was there", async () => {
  await load({ files: { a: "1" } });
  const base = { name: "shop-1.reyns", id: digestOf("x"), savedAt: "yesterday" };
  const index = { filesOfBase: ["a"], base };
  expect(await planned({ files: { a: "1", b: "1" }, index })).toEqual({ ...nothing, write: ["b"] });
  put("a", "changed");
  const [error] = await rejectedBy(planned({ files: { a: "1", b: "1" }, index }));
  expect(error?.message).toContain("has only what changed since shop-1.reyns (saved yesterday)");
  expect(error?.message).toContain(`${join(folder, "a")} is not as it was in that one`);
});

test("a load that was killed among its files can be repeated, the first one and a later one", async () => {
  const first = { files: { "reyns.ts": "1", old: "o1", "web/a": "a1" } };
  await killedAfter("reyns.ts", first);
  expect(existsSync(join(folder, "reyns.ts"))).toBe(true);
  expect(await planned(first)).toMatchObject({ write: ["old", "web/a"], changed: [] });
  await load(first, []);
  const second = { files: { "reyns.ts": "2", "web/a": "a2", "web/b": "b2" } };
  await killedAfter("reyns.ts", second);
  expect(await planned(second)).toMatchObject({ write: ["web/a", "web/b"], changed: [] });
  // Also the former project is no change of somebody.
  expect((await planned(first)).changed).toEqual([]);
  await load(second, []);
  expect(readdirSync(folder).toSorted()).toEqual([".reyns", "reyns.ts", "web"]);
  expect(await planned(second)).toEqual(nothing);
});

/** Only that file is staged, so that the next one fails. */
async function killedAfter(path: string, contents: Required<Pick<Contents, "files">>) {
  const stage = join(outer, "stage");
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage);
  mkdirSync(join(folder, ".reyns"), { recursive: true });
  await using project = await saved(contents);
  const text = contents.files[path] ?? "";
  writeFileSync(join(stage, digestOf(text).slice("sha256:".length)), text);
  expect(() => placeProject(folder, project, { stage, agreed: undefined, ids: {} })).toThrow(
    "ENOENT",
  );
}

test("nothing is removed, compared or written behind a folder that is a link now, or of data", async () => {
  await load({ files: { a: "1", "web/x": "1", "db/x": "1" } });
  rmSync(join(folder, "web"), { recursive: true });
  mkdirSync(join(outer, "elsewhere"));
  writeFileSync(join(outer, "elsewhere/x"), "1");
  symlinkSync("../elsewhere", join(folder, "web"));
  put("db/.reyns-project", "{}");
  expect(await load({ files: { a: "1" } }, [])).toEqual(["web/x", "db/x"]);
  expect(existsSync(join(outer, "elsewhere/x"))).toBe(true);
  expect(existsSync(join(folder, "db/x"))).toBe(true);
});

test("a link that a load has put there, and is a folder now, is replaced and not followed", async () => {
  const files = [{ path: "web", type: "symlink" as const, mode: 0o777, size: 0, target: "lib" }];
  const others = ["lib/x"].map((path) => ({
    ...{ path, type: "file" as const, mode: 0o644, size: 1, digest: digestOf("1") },
  }));
  await load({ files: { "lib/x": "1" }, index: { files: [...files, ...others] } });
  const contents = { files: { "lib/x": "1", "web/x": "2" } };
  expect(await planned(contents)).toEqual({ ...nothing, write: ["web/x"], remove: ["web"] });
  await load(contents, []);
  expect(readFileSync(join(folder, "lib/x"), "utf8")).toBe("1");
});

test("an empty folder in the way of a file is removed, after a question", async () => {
  await load({ files: { a: "1", "b/c": "1" } });
  mkdirSync(join(folder, "new/empty"), { recursive: true });
  mkdirSync(join(folder, "b/empty"));
  const contents = { files: { a: "1", b: "2", new: "2" } };
  expect(await planned(contents)).toEqual({
    ...nothing,
    write: ["b", "new"],
    remove: ["b/c"],
    changed: ["new"],
  });
  await load(contents);
  expect(readFileSync(join(folder, "b"), "utf8")).toBe("2");
  expect(readFileSync(join(folder, "new"), "utf8")).toBe("2");
});

test("a file that was changed after the question is not overwritten", async () => {
  await load({ files: { a: "1", b: "1" } });
  put("a", "mine");
  put("b", "mine");
  const contents = { files: { a: "2", b: "2" } };
  const [error] = await rejectedBy(load(contents, ["a"]));
  expect(error?.message).toBe(
    `changed in ${folder} while the images were loaded: b; the images were loaded, and no file was changed`,
  );
  expect(readFileSync(join(folder, "a"), "utf8")).toBe("mine");
  await load(contents, ["a", "b"]);
  expect(await planned(contents)).toEqual(nothing);
});

test("a folder that was made for a load which failed is removed, and nothing that came meanwhile", () => {
  put(".reyns/lock", "");
  put(".reyns/.gitignore", "*");
  put(".reyns/loading-x/y", "");
  removeUnused(folder);
  expect(existsSync(join(folder, ".reyns/lock"))).toBe(true);
  rmSync(join(folder, ".reyns/loading-x"), { recursive: true });
  put("mine", "");
  removeUnused(folder);
  expect(existsSync(join(folder, ".reyns/lock"))).toBe(true);
  rmSync(join(folder, "mine"));
  removeUnused(folder);
  expect(existsSync(folder)).toBe(false);
});
