// Which project a folder is, after moves, copies and restores.
import { afterAll, beforeEach, expect, test } from "bun:test";
import { cp, mkdir, mkdtemp, realpath, rename, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { readOriginRecord, type OriginRecord } from "../../src/project/origin-record.ts";
import { defaultNameOf, locateOrigin, resolveOrigin } from "../../src/project/origin.ts";
import {
  createOriginRecord,
  rememberMove,
  writeOriginRecord,
} from "../../src/project/write-origin.ts";

const root = await realpath(await mkdtemp(join(tmpdir(), "reyns-origin-")));
afterAll(() => rm(root, { recursive: true }));

let top: string;
let count = 0;
const env = { XDG_STATE_HOME: join(root, "state") };
const at = (name: string): string => join(top, name);

beforeEach(async () => {
  top = join(root, String(count++));
  await mkdir(join(top, "shop", ".reyns"), { recursive: true });
  record("shop");
});

/** As a command in the folder does. */
function record(name: string): OriginRecord {
  const { origin, movedFrom, change } = resolveOrigin(at(name), env);
  const written = createOriginRecord(origin, at(name), movedFrom);
  expect(writeOriginRecord(written)).toBe(true);
  if (change === "moved") rememberMove(written, env);
  return written;
}

async function create(name: string): Promise<void> {
  await mkdir(join(at(name), ".reyns"), { recursive: true });
}

/** The inode in a record of another folder, as after a move to another file system. */
async function forgetInode(name: string, change: Partial<OriginRecord> = {}): Promise<void> {
  const before = readOriginRecord(at(name)) as OriginRecord;
  await writeFile(
    join(at(name), ".reyns/project.json"),
    JSON.stringify({ ...before, inode: 1, ...change }),
  );
}

test("a folder without a record is the project of its path", async () => {
  await mkdir(at("blog"));
  expect(resolveOrigin(at("blog"), env)).toEqual({
    origin: at("blog"),
    movedFrom: [],
    change: "new",
    holder: undefined,
  });
  expect(writeOriginRecord(createOriginRecord(at("blog"), at("blog"), []))).toBe(false);
});

test("a folder that has not moved is what it was", () => {
  expect(resolveOrigin(at("shop"), env)).toMatchObject({ origin: at("shop"), change: "none" });
});

test("a folder that has moved keeps its origin and its name, also when it moves on and back", async () => {
  await rename(at("shop"), at("store"));
  const moved = { origin: at("shop"), movedFrom: [at("shop")], change: "moved" };
  expect(resolveOrigin(at("store"), env)).toEqual(moved as never);
  expect(defaultNameOf(moved)).toBe("shop");
  record("store");
  expect(resolveOrigin(at("store"), env)).toMatchObject({ ...moved, change: "none" });
  await rename(at("store"), at("market"));
  expect(record("market")).toMatchObject({
    origin: at("shop"),
    movedFrom: [at("store"), at("shop")],
  });
  await rename(at("market"), at("shop"));
  expect(record("shop")).toMatchObject({
    origin: at("shop"),
    movedFrom: [at("market"), at("store")],
  });
});

test("a copy is a project of its own, before and after the first one has moved", async () => {
  await cp(at("shop"), at("copy"), { recursive: true });
  expect(resolveOrigin(at("copy"), env)).toMatchObject({ origin: at("copy"), change: "copied" });
  await rename(at("shop"), at("store"));
  expect(resolveOrigin(at("copy"), env)).toMatchObject({
    origin: at("copy"),
    change: "copied",
    holder: at("store"),
  });
});

test("a folder that was moved to another file system is the same; of several copies the first that is used", async () => {
  await cp(at("shop"), at("a"), { recursive: true });
  await cp(at("shop"), at("b"), { recursive: true });
  await rm(at("shop"), { recursive: true });
  await forgetInode("a");
  await forgetInode("b");
  expect(record("a")).toMatchObject({ origin: at("shop"), movedFrom: [at("shop")] });
  expect(resolveOrigin(at("b"), env)).toMatchObject({ origin: at("b"), change: "copied" });
});

test("a copy on another machine is a project of its own", async () => {
  await cp(at("shop"), at("a"), { recursive: true });
  await rm(at("shop"), { recursive: true });
  await forgetInode("a", { host: `not-${hostname()}` });
  expect(resolveOrigin(at("a"), env)).toMatchObject({ origin: at("a"), change: "copied" });
});

test("a new folder at the former path is another project with the same name", async () => {
  await rename(at("shop"), at("store"));
  await create("shop");
  const other = { origin: `${at("shop")}//2`, movedFrom: [] };
  expect(resolveOrigin(at("shop"), env)).toMatchObject({ ...other, holder: at("store") });
  expect(defaultNameOf(other)).toBe("shop");
  expect(record("shop")).toMatchObject(other);
  expect(record("store")).toMatchObject({ origin: at("shop") });
  expect(resolveOrigin(at("shop"), env)).toMatchObject({ ...other, change: "none" });
  await rename(at("shop"), at("second"));
  await create("shop");
  expect(record("shop")).toMatchObject({ origin: `${at("shop")}//3` });
  expect(locateOrigin(at("shop"), env)).toBe(at("store"));
  expect(locateOrigin(`${at("shop")}//2`, env)).toBe(at("second"));
});

test("a project that has moved far away is remembered once it was used there", async () => {
  await mkdir(at("far"));
  await rename(at("shop"), at("far/shop"));
  record("far/shop");
  await create("shop");
  expect(resolveOrigin(at("shop"), env)).toMatchObject({
    origin: `${at("shop")}//2`,
    holder: at("far/shop"),
  });
});

test("a project whose path was taken over before it was used again begins anew", async () => {
  await mkdir(at("far"));
  await rename(at("shop"), at("far/shop"));
  await create("shop");
  expect(record("shop")).toMatchObject({ origin: at("shop") });
  expect(resolveOrigin(at("far/shop"), env)).toMatchObject({
    origin: at("far/shop"),
    change: "copied",
    holder: at("shop"),
  });
});

test("a folder that was restored at its path is the same project", async () => {
  await forgetInode("shop");
  expect(resolveOrigin(at("shop"), env)).toMatchObject({ origin: at("shop"), change: "restored" });
  await rm(at("shop"), { recursive: true });
  await create("shop");
  expect(record("shop")).toMatchObject({ origin: at("shop"), movedFrom: [] });
});

test.each(["", "{", "[]", '{"origin":"shop","folder":1}'])(
  "a damaged record, %j, counts for nothing",
  async (text) => {
    await rename(at("shop"), at("store"));
    await writeFile(at("store/.reyns/project.json"), text);
    expect(resolveOrigin(at("store"), env)).toMatchObject({
      origin: at("store"),
      change: "damaged",
    });
  },
);

test("a former folder that has become a file is gone", async () => {
  await rename(at("shop"), at("store"));
  await writeFile(at("shop"), "");
  expect(record("store")).toMatchObject({ origin: at("shop"), movedFrom: [at("shop")] });
  await rename(at("store"), at("market"));
  await forgetInode("market", { folder: at("shop/inner") });
  expect(resolveOrigin(at("market"), env)).toMatchObject({ origin: at("shop"), change: "moved" });
});

test("the folder of an origin that is gone is nowhere", async () => {
  expect(locateOrigin(at("shop"), env)).toBe(at("shop"));
  await rm(at("shop"), { recursive: true });
  expect(locateOrigin(at("shop"), env)).toBeUndefined();
});
