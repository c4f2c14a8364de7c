// Which files a receipt compares, and which of their changes count.
import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  mkdir,
  mkdtemp,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProjectFile } from "../../src/plan/describe/mounted-files.ts";
import { hostPaths, mountedSources, shownPath } from "../../src/plan/receipts/mounted.ts";
import { selectInstances } from "../../src/plan/select/select.ts";
import { plainSelection } from "../../src/plan/select/selection.ts";
import type { ReceiptDigester } from "../../src/runtime/receipts/digester.ts";
import { digestMounted, type DigestOptions } from "../../src/runtime/receipts/file-digests.ts";
import { changeSince } from "../../src/runtime/receipts/mount-change.ts";
import { projectOf } from "./support/planning.ts";

const digester: ReceiptDigester = {
  text: (_place, text) => text,
  content: () => ({ update: () => undefined, digest: () => "digest" }),
};

let folder = "";
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "reyns-receipt-files-")));
  await mkdir(join(folder, "site/deep"), { recursive: true });
  await write("site/index.html", "site/deep/a");
  await symlink("deep/a", join(folder, "site/link"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(...paths: string[]): Promise<void> {
  for (const path of paths) await writeFile(join(folder, path), path);
}

const at = (path: string): string => join(folder, path);

function digest(paths: readonly string[], options?: DigestOptions) {
  const sources = paths.map((text) => {
    const [path = "", mode] = text.split(":");
    const shown = shownPath(join(folder, path), { folder });
    return { path: join(folder, path), shown, isWritable: mode !== "ro" };
  });
  return digestMounted(sources, digester, options);
}

/** A moment after everything so far: times of files may lie a few milliseconds behind the clock. */
async function later(): Promise<number> {
  const before = Date.now();
  for (;;) {
    await write("clock");
    if ((await stat(at("clock"))).ctimeMs > before + 1) break;
    await Bun.sleep(2);
  }
  await unlink(at("clock"));
  return before;
}

async function changedAfter(
  paths: string[],
  change: () => Promise<unknown>,
  options?: DigestOptions,
) {
  await Bun.sleep(20);
  const since = Date.now();
  await Bun.sleep(20);
  await change();
  return changeSince((await digest(paths, options)).changes, since)?.path;
}

test("the project's folder is compared without what each host has of its own", async () => {
  const project = { ...projectOf([]), folder, dataFolder: at("data") };
  await mkdir(at(".git"));
  await mkdir(at(".reyns"));
  await mkdir(at("data"));
  await write("host.conf", ".git/HEAD", ".reyns/lock", "data/rows", "reyns.ts");
  const { files, skipped } = await digest([".:ro"], { leftOut: hostPaths(project) });
  expect([...files.keys()]).toEqual(
    ["reyns.ts", "site/deep/a", "site/index.html", "site/link"].map((path) => `./${path}`),
  );
  expect([...skipped].toSorted()).toEqual([".git", ".reyns", "data", "host.conf"].map(at));
});

test("the project's folder is its own, and neither the data folder nor Reyns's is", () => {
  const project = projectOf([
    { service: "web", volumes: [".:/a:ro", "./x:/b:ro", "./.reyns:/c:ro", "..:/d:ro"] },
  ]);
  const sources = mountedSources(project, selectInstances(project, plainSelection("all")));
  expect(sources.map(({ isOwn }) => isOwn)).toEqual([true, true, false, false]);
  expect(isProjectFile(project.dataFolder, project)).toBe(false);
  expect(sources.map(({ source }) => shownPath(source, project))).toEqual([
    ".",
    "./x",
    "./.reyns",
    "/home/me",
  ]);
});

test("a removed file, a flipped link and a file that was moved in count as changes", async () => {
  const mounted = ["site:ro"];
  expect(await changedAfter(mounted, async () => undefined)).toBeUndefined();
  expect(await changedAfter(mounted, () => unlink(at("site/deep/a")))).toBe("./site/deep");
  const flip = async (): Promise<void> => {
    await symlink("index.html", at("next"));
    await rename(at("next"), at("site/link"));
  };
  expect(await changedAfter(mounted, flip)).toBe("./site/link");
  await write("new");
  expect(await changedAfter(mounted, () => rename(at("new"), at("site/new")))).toBe("./site/new");
});

test("the link that is mounted counts, not only the folder that it leads to", async () => {
  await symlink("site", at("current"));
  await mkdir(at("other"));
  const flip = async (): Promise<void> => {
    await symlink("other", at("next"));
    await rename(at("next"), at("current"));
  };
  expect(await changedAfter(["current:ro"], flip)).toBe("./current");
});

test("a folder in which only what is not compared was made has not changed", async () => {
  const options = { leftOut: [at(".reyns")] };
  expect(await changedAfter([".:ro"], () => mkdir(at(".reyns")), options)).toBeUndefined();
  expect(await changedAfter([".:ro"], () => unlink(at("site/index.html")), options)).toBe("./site");
  expect(await changedAfter([".:ro"], () => write("new"), options)).toBe("./new");
});

test("a writable file below a read-only folder is data once it was written, in either order", async () => {
  const startedAt = await later();
  await write("site/index.html");
  for (const paths of [
    ["site:ro", "site/index.html"],
    ["site/index.html", "site:ro"],
  ]) {
    const { files, skipped, changes } = await digest(paths, { writtenSince: startedAt });
    expect([...files.keys()]).toEqual(["./site/deep/a", "./site/link"]);
    expect([...skipped]).toEqual([at("site/index.html")]);
    expect(changeSince(changes, startedAt)).toBeUndefined();
  }
  const { files } = await digest(["site:ro", "site/index.html"]);
  expect([...files.keys()]).toContain("./site/index.html");
});

test("a read-only source that is gone is named", async () => {
  const { missing, files } = await digest(["none:ro", "data", "site/index.html:ro"]);
  expect(missing).toEqual(["./none"]);
  expect([...files.keys()]).toEqual(["./site/index.html"]);
});
