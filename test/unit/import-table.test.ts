import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
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

test("every file that ARCHITECTURE.md names exists", async () => {
  const text = await Bun.file(join(root, "ARCHITECTURE.md")).text();
  const files = [...text.matchAll(/`([a-z][\w./-]*\.ts)`/g)].map(([, file = ""]) => file);
  expect(files.length).toBeGreaterThan(20);
  const isThere = (file: string): boolean =>
    file === "reyns.ts" || ["src", "."].some((folder) => existsSync(join(root, folder, file)));
  expect(files.filter((file) => !isThere(file))).toEqual([]);
});

test("no two types of src/ have the same name", async () => {
  const names: string[] = [];
  for await (const file of new Bun.Glob("src/**/*.ts").scan(root)) {
    const text = await Bun.file(join(root, file)).text();
    names.push(
      ...[...text.matchAll(/^(?:export )?(?:interface|type) (\w+)/gm)].map(([, name = ""]) => name),
    );
  }
  expect(names.length).toBeGreaterThan(300);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
