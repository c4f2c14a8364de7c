// What a load does with a folder that has files of the project already.
import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { planLoad, type LoadPlan } from "../../src/runtime/saved/load-project.ts";
import { writeLoadedRecord } from "../../src/runtime/saved/loaded-record.ts";
import { openSaved, type SavedProject } from "../../src/runtime/saved/open.ts";
import { placeFiles } from "../../src/runtime/saved/place-files.ts";
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
async function load(contents: Contents): Promise<void> {
  await using project = await saved(contents);
  const stage = join(outer, "stage");
  mkdirSync(stage, { recursive: true });
  for (const text of Object.values(contents.files ?? {}))
    writeFileSync(join(stage, digestOf(text).slice("sha256:".length)), text);
  const plan = planLoad(folder, project);
  placeFiles({ ...plan, folder, stage, receipts: [] });
  mkdirSync(join(folder, ".reyns"), { recursive: true });
  writeLoadedRecord(folder, project, {});
}

async function planned(contents: Contents): Promise<Record<keyof LoadPlan, unknown>> {
  await using project = await saved(contents);
  const { write, chmod, ...others } = planLoad(folder, project);
  const paths = (files: typeof write): string[] => files.map(({ path }) => path);
  return { write: paths(write), chmod: paths(chmod), ...others };
}

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const nothing = { write: [], chmod: [], remove: [], changed: [], isNew: false };

test("a new folder gets everything, and the same file again changes nothing", async () => {
  const files = { "reyns.ts": "1", "web/a": "2" };
  expect(await planned({ files })).toEqual({
    ...nothing,
    write: ["reyns.ts", "web/a"],
    isNew: true,
  });
  mkdirSync(folder);
  await load({ files });
  expect(await planned({ files })).toEqual(nothing);
});

test("files that were changed or added here are told from those of an earlier load", async () => {
  mkdirSync(folder);
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
  mkdirSync(folder);
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
  mkdirSync(folder);
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
  mkdirSync(folder);
  await load({ files: { a: "1" } });
  put("data_shop/.reyns-project", "{}");
  const [error] = await rejectedBy(planned({ files: { "data_shop/x": "1" } }));
  expect(error?.message).toContain("data_shop is a folder of data");
});

test("permissions alone are set again", async () => {
  mkdirSync(folder);
  const index = {
    files: [{ path: "a", type: "file" as const, mode: 0o755, size: 1, digest: digestOf("1") }],
  };
  await load({ files: { a: "1" }, index });
  expect(statSync(join(folder, "a")).mode & 0o777).toBe(0o755);
  chmodSync(join(folder, "a"), 0o644);
  expect(await planned({ files: { a: "1" }, index })).toEqual({ ...nothing, chmod: ["a"] });
});

test("a file that only the base has must be as it was there", async () => {
  mkdirSync(folder);
  await load({ files: { a: "1" } });
  const base = { name: "shop-1.reyns", id: digestOf("x"), savedAt: "yesterday" };
  const index = { filesOfBase: ["a"], base };
  expect(await planned({ files: { a: "1", b: "1" }, index })).toEqual({ ...nothing, write: ["b"] });
  put("a", "changed");
  const [error] = await rejectedBy(planned({ files: { a: "1", b: "1" }, index }));
  expect(error?.message).toContain("has only what changed since shop-1.reyns (saved yesterday)");
  expect(error?.message).toContain(`${join(folder, "a")} is not as it was in that one`);
});
