import { describe, expect, test } from "bun:test";
import { chmod, cp, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createKeySet, fingerprintsOf } from "../../src/runtime/keys/key-set.ts";
import { ensureKeys, readKeys, replaceKeys } from "../../src/runtime/keys/store.ts";
import { keysDigest } from "../../src/runtime/keys/digests.ts";
import { inspectKeyFiles } from "../../src/runtime/keys/inspect.ts";
import { projectFolder } from "./support/project-folder.ts";

const keys = createKeySet();
const others = createKeySet();

test("replaced keys stay beside the new ones", async () => {
  await using project = await projectFolder({});
  const folder = join(project.folder, ".reyns/keys");
  const digest = await ensureKeys(folder);
  const before = fingerprintsOf(await readKeys(folder));
  const first = await replaceKeys(folder, others);
  const second = await replaceKeys(folder, keys);
  expect(fingerprintsOf(await readKeys(first ?? ""))).toEqual(before);
  expect(fingerprintsOf(await readKeys(second ?? ""))).toEqual(fingerprintsOf(others));
  expect(fingerprintsOf(await readKeys(folder))).toEqual(fingerprintsOf(keys));
  expect(await keysDigest(folder)).not.toBe(digest);
  expect(await keysDigest(first ?? "")).toBe(digest);
  expect(await readdir(join(project.folder, ".reyns"))).toHaveLength(4);
  for (const { mode, problems: faults } of await inspectKeyFiles(folder))
    expect({ shared: mode & 0o077, faults }).toEqual({ shared: 0, faults: [] });
});

test("a mode that lets others in is reported, with the command that fixes it", async () => {
  await using project = await projectFolder({});
  const folder = join(project.folder, ".reyns/keys");
  await ensureKeys(folder);
  await chmod(join(folder, "tsig.key"), 0o644);
  const faults = (await inspectKeyFiles(folder)).flatMap((file) => file.problems);
  const file = join(folder, "tsig.key");
  expect(faults).toEqual([
    { message: `other users may access ${file} (mode 0644)`, remedy: `chmod go= ${file}` },
  ]);
});

describe("a replacement of keys that was killed", () => {
  const prepare = async () => {
    const project = await projectFolder({});
    const folder = join(project.folder, ".reyns/keys");
    await replaceKeys(folder, keys);
    await cp(folder, `${folder}-next`, { recursive: true });
    return { folder, [Symbol.asyncDispose]: () => project[Symbol.asyncDispose]() };
  };

  test("between its renames is completed by whatever needs the keys next", async () => {
    await using project = await prepare();
    const { folder } = project;
    await rename(folder, `${folder}.old-1`);
    expect(await readKeys(folder)).toEqual(keys);
    expect((await readdir(dirname(folder))).toSorted()).toEqual([
      ".gitignore",
      "keys",
      "keys.old-1",
    ]);
    await rename(folder, `${folder}-next`);
    await ensureKeys(folder);
    expect(await readKeys(folder)).toEqual(keys);
  });

  test("before them leaves the former keys, and the next one takes what is left away", async () => {
    await using project = await prepare();
    const { folder } = project;
    await rm(join(`${folder}-next`, "tsig.key"));
    expect(await readKeys(folder)).toEqual(keys);
    await replaceKeys(folder, others);
    expect(await readKeys(folder)).toEqual(others);
    expect(await readdir(dirname(folder))).toHaveLength(3);
  });
});

test("keys that cannot be replaced stay as they are, and no draft is left", async () => {
  await using project = await projectFolder({});
  const folder = join(project.folder, ".reyns/keys");
  await ensureKeys(folder);
  const before = await readKeys(folder);
  const broken = { ...keys, user: { ...keys.user, privateKey: undefined as unknown as string } };
  expect(await replaceKeys(folder, broken).catch(() => "refused")).toBe("refused");
  expect(await readKeys(folder)).toEqual(before);
  expect((await readdir(join(project.folder, ".reyns"))).toSorted()).toEqual([
    ".gitignore",
    "keys",
  ]);
});
