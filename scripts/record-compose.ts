// Records what docker-compose makes of the projects in test/fixtures/compose, and what it asks the Engine to create for them:
//   bun scripts/record-compose.ts [NAME...]
// Run "bun bench/run.ts --fetch" before, if there is no docker-compose.
import { join } from "node:path";
import { findCompose } from "../bench/compose.ts";
import { createdBy, notStarted, recordName } from "../test/binary/support/compose-calls.ts";
import {
  askCompose,
  composeFixtureNames,
  composeFixtures,
} from "../test/support/compose-fixtures.ts";

const compose = await findCompose();
if (compose === undefined) throw new Error("docker-compose is missing: bun bench/run.ts --fetch");

const chosen = process.argv.slice(2);
for (const name of chosen.length > 0 ? chosen : composeFixtureNames) {
  const answer = askCompose(compose, name);
  if ("problem" in answer) throw new Error(`docker-compose refuses ${name}: ${answer.problem}`);
  await Bun.write(
    join(composeFixtures, name, "expected.json"),
    `${JSON.stringify(answer.json, undefined, 1)}\n`,
  );
  if (name in notStarted) continue;
  const created = await createdBy([compose, "up", "-d"], name);
  if ("problem" in created)
    throw new Error(`docker-compose does not start ${name}: ${created.problem}`);
  await Bun.write(join(composeFixtures, name, recordName), `${JSON.stringify(created)}\n`);
}
