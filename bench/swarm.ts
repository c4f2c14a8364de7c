// Counts the requests that are lost while Docker Swarm updates a web service with three replicas, and measures how long it
// takes until a machine that has died is made up for. Three Engines run in network namespaces; a client on the first one
// sends requests all the time.
// Usage: bun bench/swarm.ts [--json] [--bare]     Needs root and dockerd, and some minutes.
// With --bare, the service has no health check, and ends as soon as it is asked to: what that costs.
// Exits with status 1 if a value exceeds its limit.
import { parseArgs } from "node:util";
import { until } from "../test/engine/support/images-container.ts";
import { createSwarmStage, type SwarmStage, type WebVersion } from "./swarm-stage.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    bare: { type: "boolean", default: false },
  },
});

interface SwarmRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit?: number;
}

const manner: Partial<WebVersion> = values.bare ? { isChecked: false, drain: 0 } : {};

async function run(stage: SwarmStage, version: WebVersion, status = 0): Promise<number> {
  await stage.define({ ...manner, ...version });
  const start = performance.now();
  const outcome = await stage.call("run all");
  if (outcome.status !== status)
    throw new Error(`reyns run all: status ${outcome.status}\n${outcome.stderr}`);
  return (performance.now() - start) / 1000;
}

/** Requests of an update, and for two seconds after it. */
async function update(
  stage: SwarmStage,
  name: string,
  version: WebVersion,
  status?: number,
): Promise<SwarmRow[]> {
  const before = await stage.count();
  const seconds = await run(stage, version, status);
  await Bun.sleep(2000);
  const after = await stage.count();
  const limit = values.bare ? {} : { limit: 0 };
  const all = after.all - before.all;
  return [
    { name, value: seconds, unit: "s" },
    { name, value: after.failed - before.failed, unit: `of ${all} requests failed`, ...limit },
  ];
}

/** Seconds from a machine's end until there are three tasks again, and from then on until all of their names lead to one. */
async function dieOf(stage: SwarmStage): Promise<SwarmRow[]> {
  const before = await stage.count();
  // Swarm may have placed no task on one of them.
  const victim = (await stage.healthyTasks(["node3"])) > 0 ? "node3" : "node2";
  const left = ["node1", victim === "node3" ? "node2" : "node3"] as const;
  if ((await stage.healthyTasks(left)) >= 3)
    throw new Error(`no task would be lost with ${victim}`);
  const start = performance.now();
  await stage.nodes[victim].kill();
  await until("three tasks", async () => (await stage.healthyTasks(left)) === 3, 120);
  const back = performance.now();
  await until("three names", async () => (await stage.answeringNames()) === 3, 120);
  const end = performance.now();
  const after = await stage.count();
  const failed = after.failed - before.failed;
  return [
    { name: "a machine dies: replicas", value: (back - start) / 1000, unit: "s", limit: 15 },
    { name: "names after that", value: (end - back) / 1000, unit: "s", limit: 2 },
    { name: "meanwhile", value: failed, unit: `of ${after.all - before.all} requests failed` },
  ];
}

await using stage = await createSwarmStage();
await stage.define({ ...manner, version: 1, order: "stop-first" });
const joined = await stage.call("nodes join yes=true");
if (joined.status !== 0) throw new Error(joined.stderr);
await run(stage, { version: 1, order: "stop-first" });
await until(
  "the first requests",
  () =>
    stage.count().then(
      ({ all }) => all > 0,
      () => false,
    ),
  60,
);
const rows = [
  ...(await update(stage, "stop-first", { version: 2, order: "stop-first" })),
  ...(await update(stage, "start-first", { version: 3, order: "start-first" })),
  ...(await update(stage, "rolled back", { version: 4, order: "start-first", isBroken: true }, 1)),
];
const lost = await stage.failures();
if (lost !== "") console.error(lost);
if (!values.bare) rows.push(...(await dieOf(stage)));
if (values.json) console.log(JSON.stringify(rows, undefined, 2));
else
  for (const { name, value, unit, limit } of rows) {
    const verdict = limit === undefined ? "" : `  ${value <= limit ? "ok" : "OVER"} (${limit})`;
    console.log(`${name.padEnd(26)}${value.toFixed(1).padStart(7)} ${unit}${verdict}`);
  }
process.exitCode = rows.every(({ value, limit = Infinity }) => value <= limit) ? 0 : 1;
