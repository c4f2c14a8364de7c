// docker-compose 2.40 and Reyns start the same projects before an Engine that only records: what they ask it to create is the
// same, but for the differences that support/created.ts lists. What docker-compose asks for lies beside each project; record it
// again with scripts/record-compose.ts.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { findCompose } from "../../bench/compose.ts";
import { composeFixtureNames, composeFixtures } from "../support/compose-fixtures.ts";
import { createdBy, notStarted, recordName } from "./support/compose-calls.ts";
import { comparedTo, type Created } from "./support/created.ts";
import { installation } from "./support/reyns.ts";

setDefaultTimeout(240_000);

const compose = await findCompose();
const started = composeFixtureNames.filter((name) => !(name in notStarted));

/** A port of a fixture may be taken for a while, by another test for example. */
async function createdByReyns(name: string): ReturnType<typeof createdBy> {
  const { executable } = await installation();
  for (let round = 0; ; round++) {
    const created = await createdBy([executable, "run", "all"], name);
    const isTaken = "problem" in created && created.problem.includes("is taken by");
    if (!isTaken || round === 150) return created;
    await Bun.sleep(1_000);
  }
}

async function recorded(name: string): Promise<Created> {
  return JSON.parse(await readFile(join(composeFixtures, name, recordName), "utf8")) as Created;
}

test("fewer than 60 projects are compared, or a record is left over", () => {
  expect(started.length).toBeGreaterThanOrEqual(60);
  const withRecord = composeFixtureNames.filter((name) =>
    existsSync(join(composeFixtures, name, recordName)),
  );
  expect(withRecord).toEqual(started);
});

test.each(started)("%s: Reyns creates something else than docker-compose", async (name) => {
  const theirs = await recorded(name);
  const ours = await createdByReyns(name);
  expect("problem" in ours ? ours : comparedTo(theirs, ours)).toEqual(theirs);
});

test.each(Object.keys(notStarted))("%s could be compared: Reyns starts it", async (name) => {
  expect(await createdByReyns(name)).toHaveProperty("problem");
});

const reason = compose === undefined ? ": docker-compose is missing, bun bench/run.ts --fetch" : "";
describe.skipIf(compose === undefined)(`beside docker-compose${reason}`, () => {
  test.each(started)("%s is another record than docker-compose makes now", async (name) => {
    expect(await createdBy([compose ?? "", "up", "-d"], name)).toEqual(await recorded(name));
  });
});
