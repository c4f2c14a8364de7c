// Compares `reyns save` of the base images with `docker save | zstd`, and a release that changed one line with the first.
// Usage: bun bench/save.ts [--json]     Needs a Docker Engine and zstd. Exits with status 1 if a value exceeds its limit.
import { mkdtemp, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { $ } from "bun";

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });

const reyns = join(dirname(import.meta.dir), "dist", "reyns");
const folder = await realpath(await mkdtemp(join(tmpdir(), "reyns-bench-")));
const project = join(folder, "savebench");
const images = ["savebench/web:latest", "reyns/reyns-dns:latest", "reyns/reyns-router:latest"];

await Bun.write(
  join(project, "reyns.ts"),
  `import { dns, project, router, service } from "reyns";
project("savebench");
dns();
router();
service("web");
`,
);
await Bun.write(
  join(project, "services/web/Dockerfile"),
  "FROM reyns/reyns-base\nCOPY page /page\n",
);
await Bun.write(join(project, "services/web/page"), "a line\n");

const call = (...words: string[]) => $`${reyns} ${words}`.cwd(project).quiet();
const sizeOf = async (name: string): Promise<number> => (await stat(join(folder, name))).size;

/** Milliseconds. */
async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

try {
  await call("build", "all");
  // The first export of a start of the Engine reads the layers from the disk.
  await $`docker save ${images} | cat >/dev/null`.quiet();
  const theirs = await time(() =>
    $`docker save ${images} | zstd -q -T1 -o ${folder}/docker.zst`.quiet(),
  );
  const ours = await time(() => call("save", `out=${folder}/first.reyns`));
  await Bun.write(join(project, "services/web/page"), "another line\n");
  await call("build", "web");
  const again = await time(() =>
    call("save", `out=${folder}/second.reyns`, `since=${folder}/first.reyns`),
  );
  const [docker, first, second] = await Promise.all(
    ["docker.zst", "first.reyns", "second.reyns"].map(sizeOf),
  );
  report([
    { name: "size, of docker save | zstd", value: (first ?? NaN) / (docker ?? NaN), limit: 1.02 },
    { name: "time, of docker save | zstd -T1", value: ours / theirs },
    {
      name: "a changed line, of the first size",
      value: (second ?? NaN) / (first ?? NaN),
      limit: 0.05,
    },
    { name: "a changed line, of the first time", value: again / ours },
    { name: "first size, MB", value: (first ?? NaN) / 1e6 },
    { name: "first time, s", value: ours / 1000 },
  ]);
} finally {
  await rm(folder, { recursive: true });
  await $`docker image rm savebench/web`.quiet().nothrow();
}

interface SaveResult {
  readonly name: string;
  readonly value: number;
  readonly limit?: number;
}

function report(results: readonly SaveResult[]): void {
  if (values.json) console.log(JSON.stringify(results, undefined, 2));
  for (const { name, value, limit } of values.json ? [] : results) {
    const bound = limit === undefined ? "" : `<= ${limit}  ${value <= limit ? "ok" : "OVER"}`;
    console.log(`${name.padEnd(36)}${value.toFixed(4).padStart(10)}  ${bound}`);
  }
  const isOver = results.some(({ value, limit = Infinity }) => !(value <= limit));
  process.exitCode = isOver ? 1 : 0;
}
