import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { must, run } from "../engine/support/images-container.ts";
import { containerIds } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import type { CallOptions } from "./support/reyns.ts";

setDefaultTimeout(600_000);

/** Wherever a user can put a secret: a word that is found nowhere else. */
const secrets = {
  declared: "trace-declared-4711",
  named: "trace-named-4711",
  saved: "trace-saved-4711",
  typed: "trace-typed-4711",
  changed: "trace-changed-4711",
  registry: "trace-registry-4711",
  address: "trace-address-4711",
  task: "trace-task-4711",
  misplaced: "from_trace-misplaced-4711",
  damaged: "trace-damaged-4711",
} as const;

const env = { TOKEN: secrets.declared, DB_PASSWORD: secrets.named, API_TOKEN: secrets.typed };

const reynsTs = `import { project, ready, required, service, task } from "reyns";
project("traces");
const sleeping = { command: ["sleep", "infinity"], stopSignal: "KILL", ready: ready.started() };
const image = "debian:bookworm-slim";
service("db", { image, ...sleeping, env: { TOKEN: required({ secret: true }), DB_PASSWORD: required(), SAVED_PASSWORD: null } });
service("web", { build: "./web", ...sleeping, links: ["db"], env: { API_TOKEN: required({ secret: true }) } });
service("base", { ...sleeping, env: { TOKEN: required({ secret: true }) } });
service("far", { image: "127.0.0.1:9/far:1", group: "far", autorun: false });
task("t", "a task that fails", async () => { throw new Error("failed"); });
`;

let shop: Project;
const config = { auths: { "127.0.0.1:9": { auth: btoa(`me:${secrets.registry}`) } } };

beforeAll(async () => {
  shop = await createProject({
    "reyns.ts": reynsTs,
    "web/Dockerfile": "FROM debian:bookworm-slim\nRUN true\n",
    "services/base/Dockerfile": "FROM reyns/reyns-base\n",
    "host.conf": JSON.stringify({ SAVED_PASSWORD: secrets.saved }),
    "home/.docker/config.json": JSON.stringify(config),
  });
});

afterAll(() => shop?.[Symbol.asyncDispose]());

const found: { readonly where: string; readonly secret: string }[] = [];

/** Notes secrets in a text, and in what a text of base64 stands for. */
function search(where: string, text: string): void {
  const traces = Object.values(secrets).flatMap((secret) => [secret, btoa(`me:${secret}`)]);
  for (const secret of traces) if (text.includes(secret)) found.push({ where, secret });
}

/** Calls the executable with everything that it can show, and looks at what it prints and leaves. */
async function call(line: string | readonly string[], more: CallOptions = {}): Promise<number> {
  const trace = join(shop.folder, "trace.json");
  const shown = { LOG_LEVEL: "DEBUG", REYNS_TRACE: trace, HOME: join(shop.folder, "home") };
  const options = { ...more, env: { ...env, ...shown, ...more.env } };
  const { status, stdout, stderr } = await shop.reyns(line, options);
  const where = [line].flat().join(" ");
  search(where, stdout + stderr);
  expect({ where, isBug: stderr.includes("bug in Reyns") }).toEqual({ where, isBug: false });
  search(`${where}: trace`, await readFile(trace, "utf8"));
  await searchFiles(where);
  return status;
}

/** What a project keeps, except for its keys and what is sealed with them. */
async function searchFiles(where: string): Promise<void> {
  const names = await readdir(join(shop.folder, ".reyns"), { recursive: true }).catch(() => []);
  const files = names.filter((name) => /\.json$|lock$/.test(name));
  for (const name of files)
    search(`${where}: ${name}`, await readFile(join(shop.folder, ".reyns", name), "utf8"));
}

/** Everything that the Engine shows of the project's objects, its events too. */
async function searchEngine(): Promise<void> {
  const filter = ["--filter", `label=io.reyns.folder=${shop.folder}`];
  const ids = async (...words: readonly string[]) =>
    (await must("docker", ...words, ...filter)).split("\n").filter(Boolean);
  const images = await ids("images", "-q");
  const objects: (readonly [string, readonly string[]])[] = [
    ["inspect", await ids("ps", "-aq")],
    ["network inspect", await ids("network", "ls", "-q")],
    ["volume inspect", await ids("volume", "ls", "-q")],
    ["image inspect", images],
    ...images.map((id) => ["history --no-trunc", [id]] as const),
  ];
  for (const [command, names] of objects)
    if (names.length > 0) search(command, await must("docker", ...command.split(" "), ...names));
  const range = ["--since", "10m", "--until", "0s"];
  search("events", await must("docker", "events", ...range, ...filter));
  for (const id of await containerIds(shop.folder)) search("logs", await logsOf(id));
}

async function logsOf(id: string): Promise<string> {
  const { stdout, stderr } = await run(["docker", "logs", id]);
  return stdout + stderr;
}

test("a secret is in nothing that Reyns prints or writes, and in nothing that the Engine shows", async () => {
  const typed = { env: { API_TOKEN: "" } };
  expect(await call(["plan", `env=API_TOKEN=${secrets.typed}`], typed)).toBe(0);
  expect(await call("plan json")).toBe(0);
  expect(await call(["plan", "out=plan.json"])).toBe(0);
  search("plan file", await readFile(join(shop.folder, "plan.json"), "utf8"));
  expect(await call(["run", "all", `env=API_TOKEN=${secrets.typed}`], typed)).toBe(0);
  await searchEngine();
  const reports = `check|plan|ps json|status|info db|info web json|info base|logs all|top|graph format=json|doctor|volumes|ls
dns|getip db|port db|events since=10m until=0s json|stats|keys|help run|shell db command=true|ssh base command=true
run db env=DB_PASSWORD=${secrets.typed} -- true|rerun web|do t password=${secrets.task}|pull far|run far`;
  for (const line of reports.split(/[|\n]/)) await call(line);
  await searchEngine();
  // A change of each, seen and carried out, and taken back.
  const changed = { env: { TOKEN: secrets.changed, DB_PASSWORD: secrets.changed } };
  for (const line of [
    "plan",
    "plan json",
    "run all keep=true",
    "run all",
    "info db",
    "rollback db",
  ])
    await call(line, changed);
  await searchEngine();
  // Mistakes.
  for (const value of [secrets.misplaced, `${secrets.damaged}\u0001`, `${secrets.damaged}\n`])
    for (const line of ["plan", "run db"]) await call(line, { env: { DB_PASSWORD: value } });
  for (const scheme of ["tcp", "http", "ssh", "ftp"])
    await call("ps", { env: { DOCKER_HOST: `${scheme}://me:${secrets.address}@127.0.0.1:9` } });
  const damaged = [
    `{"SAVED_PASSWORD": "${secrets.damaged}" "x"`,
    `{"a": {"${secrets.damaged}": 1}}`,
  ];
  for (const text of damaged) {
    await shop.write({ "host.conf": text });
    for (const line of ["plan", "check", "doctor", "run all"]) await call(line);
  }
  await searchEngine();
  expect(found).toEqual([]);
});
