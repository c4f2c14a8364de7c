import { expect, test } from "bun:test";
import { join } from "node:path";
import { findViolations, readImports } from "../../scripts/import-table.ts";
import { roomsPicture } from "../../scripts/rooms-picture.ts";

const root = join(import.meta.dir, "../..");

test("the rooms of src/ import each other only along the table", async () => {
  expect(await findViolations()).toEqual([]);
});

test("docs/rooms.svg shows today's imports; if not, run: bun scripts/rooms-picture.ts", async () => {
  const drawn = await Bun.file(join(root, "docs/rooms.svg")).text();
  expect(drawn).toBe(roomsPicture(await readImports()));
});
