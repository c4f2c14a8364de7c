// Compares three machines as one with the slowest of them alone, and with a command for each of them, in ratios of one run:
// ten instances a machine and a DNS, over a socket, ssh and TLS. Engines and sshd run in network namespaces, those of each
// machine in a control group with a fixed share of the processors, as machines have processors of their own.
// Usage: bun bench/nodes.ts [--json] [--instances N]
// Needs root, dockerd, sshd, openssl and a control group of processors (cgroup v1 or v2), and some minutes.
// Exits with status 1 if a value exceeds its limit.
import { parseArgs } from "node:util";
import { must } from "../test/engine/support/images-container.ts";
import { median } from "./measure.ts";
import { createNodesStage, names, type NodesStage, processors } from "./nodes-stage.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    instances: { type: "string", default: "10" },
  },
});

interface NodesRow {
  readonly name: string;
  readonly value: number;
  readonly unit: "processors" | "s" | "of the slowest" | "of the older way";
  readonly limit?: number;
}

/** Seconds of a call that has to succeed. */
async function time(
  stage: NodesStage,
  line: string,
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const start = performance.now();
  const { status, stderr } = await stage.call(line, env);
  if (status !== 0) throw new Error(`reyns ${line}: status ${status}\n${stderr}`);
  return (performance.now() - start) / 1000;
}

async function each(stage: NodesStage, line: string): Promise<number[]> {
  const times: number[] = [];
  for (const name of names) times.push(await time(stage, `${line} node=${name}`));
  return times;
}

/** While everything runs: each machine's programs and containers have to lie in its share. */
async function requireShares({ nodes }: NodesStage): Promise<void> {
  const programs = ["dockerd", "containerd", "containerd-shim", "sshd"];
  for (const name of names) {
    const { share, env } = nodes[name];
    const ids = await must("docker", "--host", env["DOCKER_HOST"] ?? "", "ps", "--quiet");
    await share?.require(programs, ids.split("\n").length);
  }
}

/** From nothing: all machines with one command, each alone, and each with a command of its own and without node(). */
async function compareRuns(stage: NodesStage): Promise<NodesRow[]> {
  // The first one of an Engine also reads everything from its disk.
  await time(stage, "run all");
  await requireShares(stage);
  await time(stage, "clean all force=true");
  const all = await time(stage, "run all");
  await time(stage, "clean all force=true");
  const slowest = Math.max(...(await each(stage, "run all")));
  await time(stage, "clean all force=true");
  let older = 0;
  for (const name of names) older += await time(stage, `run group=${name}`, stage.olderWay(name));
  for (const name of names) await time(stage, "clean all force=true", stage.olderWay(name));
  return [
    { name: "run, three machines", value: all, unit: "s" },
    { name: "run, the slowest machine alone", value: slowest, unit: "s" },
    { name: "run, a command for each machine", value: older, unit: "s" },
    { name: "run", value: all / slowest, unit: "of the slowest", limit: 1.2 },
    { name: "run", value: all / older, unit: "of the older way", limit: 1 },
  ];
}

/** Median of calls that change nothing; all take turns, so that load affects all of them. */
async function compareLooks(stage: NodesStage, line: string): Promise<NodesRow[]> {
  const rounds = 7;
  const [all, alone]: [number[], number[][]] = [[], names.map(() => [])];
  for (let round = 0; round < rounds; round++) {
    all.push(await time(stage, line));
    for (const [index, seconds] of (await each(stage, line)).entries()) alone[index]?.push(seconds);
  }
  const slowest = Math.max(...alone.map(median));
  return [
    { name: `${line}, three machines`, value: median(all), unit: "s" },
    { name: line, value: median(all) / slowest, unit: "of the slowest", limit: 1.3 },
  ];
}

async function listContainers({ nodes }: NodesStage): Promise<string> {
  const lists = names.map((name) =>
    must("docker", "--host", nodes[name].env["DOCKER_HOST"] ?? "", "ps", "-aq", "--no-trunc"),
  );
  return (await Promise.all(lists)).join("\n");
}

/** How long it takes until a machine that is off is named, with nothing changed. */
async function measureOff(stage: NodesStage): Promise<NodesRow[]> {
  const before = await listContainers(stage);
  await stage.nodes.node3.setLink("down");
  const start = performance.now();
  const { status, stderr } = await stage.call("rerun all");
  const value = (performance.now() - start) / 1000;
  await stage.nodes.node3.setLink("up");
  const isUnchanged = before === (await listContainers(stage));
  if (status === 0 || !stderr.includes("node3") || !isUnchanged)
    throw new Error(`with a machine off: status ${status}\n${stderr}`);
  return [{ name: "a machine that is off is named", value, unit: "s", limit: 6 }];
}

await using stage = await createNodesStage(Number(values.instances));
const rows: NodesRow[] = [
  { name: "each machine", value: processors, unit: "processors" },
  ...(await compareRuns(stage)),
];
await time(stage, "run all");
rows.push(...(await compareLooks(stage, "ps")), ...(await compareLooks(stage, "plan")));
rows.push(...(await measureOff(stage)));
await time(stage, "clean all force=true");
if (values.json) console.log(JSON.stringify(rows, undefined, 2));
else
  for (const { name, value, unit, limit } of rows) {
    const verdict = limit === undefined ? "" : `  ${value <= limit ? "ok" : "OVER"} (${limit})`;
    console.log(`${name.padEnd(34)}${value.toFixed(2).padStart(7)} ${unit}${verdict}`);
  }
process.exitCode = rows.every(({ value, limit = Infinity }) => value <= limit) ? 0 : 1;
