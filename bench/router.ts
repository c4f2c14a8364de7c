// Measures what the router adds to a request: against the instance itself, and against Caddy alone with a configuration
// written by hand. Needs a Docker Engine at the default socket whose containers this machine reaches, and a minute.
// Usage: bun bench/router.ts [--json] [--requests N]     Exits with status 1 if a value exceeds its limit.
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median } from "./measure.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    requests: { type: "string", default: "3000" },
  },
});

const reyns = join(import.meta.dir, "..", "dist", "reyns");
const host = "bench.localhost";
const definition = `import { project, router, service } from "reyns";
project("bench-router");
router({ http: 18760, https: false });
service("web", { image: "reyns/reyns-common", command: ["/bun", "/server.js"], route: { host: "${host}", port: 3000 },
  volumes: ["${process.execPath}:/bun:ro", "./server.js:/server.js:ro"] });
`;
const server = `Bun.serve({ port: 3000, fetch: () => new Response("x".repeat(1000)) });`;

async function run(command: readonly string[], cwd: string): Promise<string> {
  const child = Bun.spawn([...command], { cwd, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [output, problem, status] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  if (status !== 0) throw new Error(`${command.join(" ")}: status ${status}\n${problem}${output}`);
  return output.trim();
}

/** What a person would write for the same instance. */
function handwritten(address: string): string {
  const proxy = { handler: "reverse_proxy", upstreams: [{ dial: `${address}:3000` }] };
  const routes = [{ match: [{ host: [host] }], handle: [proxy] }];
  const bench = { listen: [":80"], automatic_https: { disable: true }, routes };
  const log = { logs: { default: { level: "WARN" } } };
  return JSON.stringify({ logging: log, apps: { http: { servers: { bench } } } });
}

interface Target {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** Milliseconds of each of so many requests, one after the other on one connection. */
async function time({ address, port }: Target, count: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const request = (): Promise<void> =>
    new Promise((resolve, reject) => {
      get({ host: address, port, agent, headers: { host } }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
        response.on("end", resolve).on("error", reject).resume();
      }).on("error", reject);
    });
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const start = performance.now();
    await request();
    times.push(performance.now() - start);
  }
  agent.destroy();
  return times;
}

/** In rounds, so that a machine that is busy for a while is so for all of them. */
async function medians(targets: readonly Target[], requests: number): Promise<Map<string, number>> {
  const rounds = 15;
  const times = new Map(targets.map(({ name }) => [name, [] as number[]]));
  for (const target of targets) await time(target, 100);
  for (let round = 0; round < rounds; round++)
    for (const target of targets)
      times.get(target.name)?.push(...(await time(target, Math.ceil(requests / rounds))));
  return new Map([...times].map(([name, all]) => [name, median(all)]));
}

interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit?: number;
}

async function measure(folder: string): Promise<BenchRow[]> {
  await run([reyns, "run", "all", "yes=true"], folder);
  const addressOf = (service: string): Promise<string> => run([reyns, "getip", service], folder);
  const [web, router] = [await addressOf("web"), await addressOf("reyns-router")];
  await writeFile(join(folder, "caddy.json"), handwritten(web));
  const network = await run(
    ["docker", "network", "ls", "-q", "--filter", `label=io.reyns.folder=${folder}`],
    folder,
  );
  const alone = await run(
    ["docker", "run", "-d", "--network", network, "-v", `${folder}/caddy.json:/caddy.json:ro`]
      .concat(["--entrypoint", "/usr/bin/caddy", "reyns/reyns-router"])
      .concat(["run", "--config", "/caddy.json"]),
    folder,
  );
  try {
    const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    const caddy = await run(["docker", "inspect", "-f", format, alone], folder);
    const found = await medians(
      [
        { name: "direct", address: web, port: 3000 },
        { name: "router", address: router, port: 80 },
        { name: "caddy", address: caddy, port: 80 },
      ],
      Number(values.requests),
    );
    return rowsOf(found);
  } finally {
    await run(["docker", "rm", "-f", alone], folder);
  }
}

function rowsOf(found: ReadonlyMap<string, number>): BenchRow[] {
  const [direct = NaN, router = NaN, caddy = NaN] = found.values();
  const unit = "ms";
  return [
    { name: "median request, direct", value: direct, unit },
    { name: "median request, Caddy alone", value: caddy, unit },
    { name: "median request, router", value: router, unit },
    { name: "added by the router", value: router - direct, unit, limit: 1 },
    { name: "more than Caddy alone", value: (router / caddy - 1) * 100, unit: "%", limit: 10 },
  ];
}

const folder = await realpath(await mkdtemp(join(tmpdir(), "reyns-bench-")));
try {
  await writeFile(join(folder, "reyns.ts"), definition);
  await writeFile(join(folder, "server.js"), server);
  const rows = await measure(folder);
  if (values.json) console.log(JSON.stringify(rows, undefined, 2));
  else
    for (const { name, value, unit, limit } of rows) {
      const verdict = limit === undefined ? "" : `  ${value <= limit ? "ok" : "OVER"} (${limit})`;
      console.log(`${name.padEnd(32)}${value.toFixed(3).padStart(9)} ${unit}${verdict}`);
    }
  process.exitCode = rows.every(({ value, limit = Infinity }) => value <= limit) ? 0 : 1;
} finally {
  await run([reyns, "clean", "all", "force=true"], folder);
  const own = ["docker", "volume", "ls", "-q", "--filter", `label=io.reyns.folder=${folder}`];
  for (const name of (await run(own, folder)).split("\n").filter(Boolean))
    await run(["docker", "volume", "rm", name], folder);
  await rm(folder, { recursive: true });
}
