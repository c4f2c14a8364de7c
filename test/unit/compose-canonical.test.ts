// Each folder of test/fixtures/compose is a project. Its expected.json is what docker-compose 2.40 made of it; record it
// again with scripts/record-compose.ts.
import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readCompose } from "../../src/project/compose/read.ts";
import {
  asPrinted,
  composeCaller,
  composeFixtureNames,
  composeFixtures,
  type Json,
} from "../support/compose-fixtures.ts";

test("there are at least 60 compose files", () => {
  const files = readdirSync(composeFixtures, { recursive: true }).map(String);
  expect(files.filter((file) => /\.ya?ml$/.test(file)).length).toBeGreaterThanOrEqual(60);
});

test.each(composeFixtureNames)("%s is read as docker-compose reads it", async (name) => {
  const folder = join(composeFixtures, name);
  const expected = (await Bun.file(join(folder, "expected.json")).json()) as Json;
  expect(asPrinted(readCompose(folder, composeCaller))).toEqual(expected);
});
