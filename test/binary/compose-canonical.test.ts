// Reads the projects in test/fixtures/compose beside docker-compose itself. CI downloads it; elsewhere, fetch it once with:
//   bun bench/run.ts --fetch
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { fetchCompose, findCompose } from "../../bench/compose.ts";
import { readCompose } from "../../src/project/compose/read.ts";
import {
  askCompose,
  asPrinted,
  composeCaller,
  composeFixtureNames,
  composeFixtures,
} from "../support/compose-fixtures.ts";

setDefaultTimeout(240_000);

const compose = (await findCompose()) ?? (process.env["CI"] ? await fetchCompose() : undefined);
const reason = compose === undefined ? ": docker-compose is missing, bun bench/run.ts --fetch" : "";

describe.skipIf(compose === undefined)(`beside docker-compose${reason}`, () => {
  test.each(composeFixtureNames)("%s is read as docker-compose reads it now", (name) => {
    const answer = askCompose(compose ?? "", name);
    const ours = asPrinted(readCompose(join(composeFixtures, name), composeCaller));
    expect({ json: ours }).toEqual("problem" in answer ? { json: answer.problem } : answer);
  });
});
