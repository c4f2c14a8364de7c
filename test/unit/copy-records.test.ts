import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listClones, readCloneRecord, writeCloneRecord } from "../../src/project/clone-record.ts";
import { asCopy } from "../../src/project/copies.ts";
import { isExpired, readCopyRecord, recordCopy } from "../../src/project/copy-record.ts";
import { projectFolder, thrownBy } from "./support/project-folder.ts";

const past = new Date(1_000_000_000_000);
const expiresAt = past.toISOString();

test("a copy whose time is over is due only where its Engine and its data folder are", async () => {
  await using folder = await projectFolder({});
  const copy = asCopy({ folder: folder.folder, origin: folder.folder }, "demo");
  recordCopy(copy, past, { expiresAt });
  const env = process.env;
  expect(isExpired(copy, new Date(), env)).toBe(true);
  expect(isExpired(copy, new Date(past.getTime() - 1), env)).toBe(false);
  for (const name of ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CERT_PATH", "DATA_DIR"])
    expect([name, isExpired(copy, new Date(), { ...env, [name]: "other" })]).toEqual([name, false]);
  recordCopy(copy, new Date(), { expiresAt: undefined });
  expect(isExpired(copy, new Date(), env)).toBe(false);
});

test("a lifetime that cannot be recorded is an error, and the mere existence is not", async () => {
  await using folder = await projectFolder({});
  const copy = asCopy({ folder: folder.folder, origin: folder.folder }, "demo");
  // Also for root, a file is no folder.
  writeFileSync(join(folder.folder, ".reyns"), "");
  recordCopy(copy, past);
  expect(readCopyRecord(copy)).toBeUndefined();
  expect(thrownBy(() => recordCopy(copy, past, { expiresAt }))).toMatchObject([
    { code: "FILE_REFUSED" },
  ]);
  expect(thrownBy(() => writeCloneRecord(copy, { from: "main", paused: [] }, {}))).toMatchObject([
    { code: "FILE_REFUSED" },
  ]);
});

test("a record of copied data lists what is paused, and a damaged one still says that it is there", async () => {
  await using folder = await projectFolder({});
  const place = { folder: folder.folder, origin: folder.folder };
  expect(listClones(folder.folder)).toEqual([]);
  writeCloneRecord(asCopy(place, "one"), { from: "main", paused: ["a", "b"] }, {});
  mkdirSync(join(folder.folder, ".reyns/copies/two"));
  writeFileSync(join(folder.folder, ".reyns/copies/two/cloning.json"), "{");
  mkdirSync(join(folder.folder, ".reyns/copies/three"));
  expect(listClones(folder.folder).toSorted()).toEqual(["one", "two"]);
  expect(readCloneRecord(asCopy(place, "one"))).toMatchObject({ from: "main", paused: ["a", "b"] });
  expect(readCloneRecord(asCopy(place, "two"))).toMatchObject({ paused: [] });
  expect(readCloneRecord(asCopy(place, "three"))).toBeUndefined();
});
