// Runs ten copies of a project with eight services at once: times of their starts, names and volumes of each other.
// Usage: bun bench/project-copies.ts [--json] [--count N]     Needs a Docker Engine. Exits with status 1 over a limit.
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { $ } from "bun";
import {
  importSmallImage,
  removeSmallImage,
  smallImage,
} from "../test/binary/support/small-image.ts";
import { median } from "./measure.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    count: { type: "string", default: "10" },
  },
});

const reyns = join(dirname(import.meta.dir), "dist", "reyns");
const folder = await realpath(await mkdtemp(join(tmpdir(), "reyns-bench-")));
const copies = Array.from({ length: Number(values.count) }, (_, index) => `copy${index + 1}`);

// Seven services that every copy has, and one whose name no other copy may know.
await Bun.write(
  join(folder, "reyns.ts"),
  `import { project, ready, service } from "reyns";
project("benchcopies");
const options = { image: "${smallImage}", init: true, stopSignal: "SIGKILL", ready: ready.started() };
for (let number = 1; number <= 7; number++)
  service("s" + number, { ...options, ports: [(48140 + number) + ":80"], volumes: ["data" + number + ":/data"] });
service("only-" + process.env.REYNS_COPY, options);
`,
);

const call = (copy: string, ...words: string[]) =>
  $`${reyns} ${words} copy=${copy}`.cwd(folder).quiet().nothrow();

async function containerOf(copy: string, service: string): Promise<string> {
  const label = `label=io.reyns.folder=${folder}//copy:${copy}`;
  const filter = ["--filter", label, "--filter", `label=io.reyns.service=${service}`];
  return (await $`docker ps -q ${filter}`.text()).trim();
}

/** Whether the resolver of an instance has an address for a name. */
async function knows(id: string, name: string): Promise<boolean> {
  const answer = await $`docker exec ${id} busybox nslookup ${name}`.quiet().nothrow();
  return /^Name:\s+only/m.test(answer.stdout.toString());
}

async function digestOf(copy: string): Promise<string> {
  const id = await containerOf(copy, "s1");
  const script = "busybox find /data -type f -exec busybox sha256sum {} +";
  return $`docker exec ${id} sh -c ${script}`.text();
}

/** What a start takes: of the whole machine, of Reyns alone, and what a container takes the Engine without Reyns. */
interface Start {
  readonly failed: boolean;
  /** Milliseconds. */
  readonly time: number;
  /** Microseconds of processor time of Reyns. */
  readonly processor: number;
  readonly requests: number;
  /** Milliseconds. */
  readonly plain: number;
}

/** Starts all, one after the other. */
async function startInTurn(): Promise<Start[]> {
  const starts: Start[] = [];
  for (const copy of copies) {
    const plain = await startPlain();
    const before = performance.now();
    const run = Bun.spawn([reyns, "run", "all", `copy=${copy}`], {
      cwd: folder,
      env: { ...process.env, LOG_LEVEL: "DEBUG" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const text = await run.stderr.text();
    const failed = (await run.exited) !== 0;
    if (failed) console.error(text);
    const { cpuTime } = run.resourceUsage() ?? {};
    const requests = text.match(/ (?:GET|PUT|POST|DELETE) \//g)?.length ?? NaN;
    const processor = Number(cpuTime?.total ?? NaN);
    starts.push({ failed, time: performance.now() - before, processor, requests, plain });
  }
  return starts;
}

/** Milliseconds that the Engine takes for a network, and a container in it with a port. */
async function startPlain(): Promise<number> {
  const name = `reyns-bench-${process.pid}`;
  const start = performance.now();
  await $`docker network create ${name}`.quiet();
  await $`docker run -d --init --network ${name} -p 80 --name ${name} ${smallImage}`.quiet();
  const time = performance.now() - start;
  await $`docker rm -f ${name}`.quiet();
  await $`docker network rm ${name}`.quiet();
  return time;
}

/** A value of the last starts, of that of the first ones. */
function growthOf(starts: readonly Start[], value: (start: Start) => number): number {
  const all = starts.map(value);
  return median(all.slice(-3)) / median(all.slice(0, 3));
}

/** How many lookups of names of all copies, from each of them, have another answer than they should. */
async function countLeaks(): Promise<number> {
  let leaks = 0;
  for (const copy of copies) {
    const id = await containerOf(copy, "s1");
    for (const other of copies)
      if ((await knows(id, `only-${other}`)) !== (copy === other)) leaks += 1;
  }
  return leaks;
}

/** How many volumes of others are not what they were after one copy is removed. */
async function countChanged(): Promise<number> {
  const [removed = "", ...others] = copies;
  for (const copy of copies) {
    const id = await containerOf(copy, "s1");
    await $`docker exec ${id} sh -c ${"busybox head -c 1000000 /dev/urandom > /data/file"}`.quiet();
  }
  const before = await Promise.all(others.map(digestOf));
  await call(removed, "clean", "all", "force");
  const after = await Promise.all(others.map(digestOf));
  return before.filter((digest, index) => digest !== after[index]).length;
}

async function removeAll(): Promise<void> {
  await Promise.all(copies.map((copy) => call(copy, "clean", "all", "force")));
}

interface CopiesResult {
  readonly name: string;
  readonly value: number;
  readonly limit?: number;
}

async function measureCopies(): Promise<CopiesResult[]> {
  await importSmallImage();
  // The keys are made by the first run of all.
  await call("warm", "run", "all");
  await call("warm", "clean", "all", "force");
  const starts = await startInTurn();
  const times = starts.map(({ time }) => time);
  const leaks = await countLeaks();
  const changed = await countChanged();
  await removeAll();
  const atOnce = await Promise.all(copies.map((copy) => call(copy, "run", "all")));
  await removeAll();
  const [first = NaN] = times;
  return [
    {
      name: "starts that failed, in turn",
      value: starts.filter(({ failed }) => failed).length,
      limit: 0,
    },
    {
      name: "starts that failed, all at once",
      value: atOnce.filter(({ exitCode }) => exitCode !== 0).length,
      limit: 0,
    },
    { name: `wrong answers of ${copies.length ** 2} lookups`, value: leaks, limit: 0 },
    { name: "changed volumes of others after a removal", value: changed, limit: 0 },
    { name: "last start, of the first", value: (times.at(-1) ?? NaN) / first, limit: 1.1 },
    { name: "last three starts, of the first three", value: growthOf(starts, ({ time }) => time) },
    {
      name: "the same, requests to the Engine",
      value: growthOf(starts, ({ requests }) => requests),
      limit: 1,
    },
    {
      name: "the same, processor time of Reyns",
      value: growthOf(starts, ({ processor }) => processor),
    },
    {
      name: "the same, a network and a container without Reyns",
      value: growthOf(starts, ({ plain }) => plain),
    },
    { name: "first start, s", value: first / 1000 },
  ];
}

try {
  report(await measureCopies());
} finally {
  await removeAll();
  await rm(folder, { recursive: true });
  await removeSmallImage();
}

function report(results: readonly CopiesResult[]): void {
  if (values.json) console.log(JSON.stringify(results, undefined, 2));
  for (const { name, value, limit } of values.json ? [] : results) {
    const bound = limit === undefined ? "" : `<= ${limit}  ${value <= limit ? "ok" : "OVER"}`;
    console.log(`${name.padEnd(52)}${value.toFixed(2).padStart(10)}  ${bound}`);
  }
  const isOver = results.some(({ value, limit = Infinity }) => !(value <= limit));
  process.exitCode = isOver ? 1 : 0;
}
