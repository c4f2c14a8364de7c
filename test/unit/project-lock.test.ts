import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHolder, currentBoot } from "../../src/runtime/lock/holder.ts";
import {
  parseEndedTokens,
  tryLock,
  type ProjectLock,
} from "../../src/runtime/lock/project-lock.ts";

import { listRecords, removeUnbegun } from "../../src/runtime/private-folder.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "reyns-test-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** What a killed call has left. */
const leave = (record: object): Promise<void> =>
  writeFile(join(folder, "lock"), JSON.stringify(record));

const recorded = async (): Promise<unknown> =>
  JSON.parse(await readFile(join(folder, "lock"), "utf8"));

function lock(): ProjectLock {
  const taken = tryLock(folder, createHolder("test"));
  if (!("release" in taken)) throw new Error("the lock is taken");
  return taken;
}

test("tokens prove nothing without the kernel's lock, or from another boot or machine", () => {
  const record = { tokens: ["a", 1, "b"], boot: currentBoot() };
  expect(parseEndedTokens(record, "locked")).toEqual(["a", "b"]);
  expect(parseEndedTokens(record, "unsupported")).toEqual([]);
  expect(parseEndedTokens({ ...record, boot: "elsewhere 1234" }, "locked")).toEqual([]);
  expect(parseEndedTokens({ tokens: ["a"] }, "locked")).toEqual([]);
});

test("the tokens of killed calls stay recorded until they are replaced", async () => {
  const boot = currentBoot();
  await leave({ tokens: ["a"], boot });
  const first = lock();
  expect(first.endedTokens).toEqual(["a"]);
  first.begin();
  first.release();
  expect(await recorded()).toEqual({ tokens: ["a"], boot, unfinished: true });
  const second = lock();
  second.setTokens(["a", "b"]);
  expect(await recorded()).toMatchObject({ tokens: ["a", "b"], boot });
  second.setTokens([]);
  second.finish();
  second.release();
  expect(await recorded()).toEqual({});
});

test("a released lock leaves the record of the next call alone", async () => {
  const first = lock();
  first.release();
  const second = lock();
  second.setTokens(["b"]);
  first.setTokens(["a"]);
  expect(await recorded()).toMatchObject({ tokens: ["b"] });
  second.release();
});

test("the folder of a copy that has not begun goes, and one with anything of value stays", async () => {
  const copy = join(folder, "copy");
  const taken = tryLock(copy, createHolder("test"));
  await mkdir(join(copy, "versions"));
  await writeFile(join(copy, "host.conf"), "{}");
  expect(listRecords(copy)).toEqual(["host.conf"]);
  removeUnbegun(copy);
  expect((await readdir(copy)).toSorted()).toContain("lock");
  await rm(join(copy, "host.conf"));
  removeUnbegun(copy);
  expect(existsSync(copy)).toBe(false);
  if ("release" in taken) taken.release();
});
