// The commands of the README and of docs/ are played in scratch projects, as they stand there; what is not is listed
// here, with its reason. That all of them parse, test/unit/docs-commands.test.ts sees.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blocksOf, inlineIn, pages, typedIn } from "../unit/support/doc-lines.ts";
import { freePort } from "./support/free-port.ts";
import { createProject, projectIn, type Project } from "./support/project.ts";
import { installation } from "./support/reyns.ts";

setDefaultTimeout(240_000);

const elsewhere: Readonly<Record<string, string>> = {
  "docs/compose-table.md":
    "compose-table.test.ts parses its calls, and the tests of each command play them",
  "docs/install.md": "install.test.ts and install-home.test.ts play it, with releases of their own",
  "docs/nodes.md": "nodes.test.ts plays it, on several Engines",
  "docs/receipts.md": "receipts.test.ts and receipt-file.test.ts play it, after a test",
  "docs/save-and-load.md": "save.test.ts and load.test.ts play it, with projects of their own",
  "docs/testing.md": "test-command.test.ts plays it, with tests of its own",
  "docs/reference.md":
    "examples of help: cli-help.test.ts parses them, and the tests of each command play it",
};

/** Blocks of a page by one of their lines -> why they are not played here. */
const otherBlocks: readonly [line: string, reason: string][] = [
  ["reyns create shop template=minimal", "docs/first-project.md has the same lines"],
  ["reyns run all", "compose-parity.test.ts plays it, in a project of Compose"],
  ["reyns install_demo", "quick-start.test.ts plays it"],
  ["reyns trust yes=true       # for a script", "trust.test.ts plays it, with stores of its own"],
  ["reyns COMMAND [SERVICE [INSTANCE]] [key=value ...]", "the grammar"],
  ["reyns keys import PROJECT-keys.json               # on the others", "nodes.test.ts plays it"],
];

/** Calls in the text -> why they are not played. */
const notPlayed: readonly [call: RegExp, reason: string][] = [
  [
    /^reyns( (run|ssh|build|rerun|restart|unpause|shell|create|stop|clean|logs|start|pull|push|save|load|cp|rollback|port))?$/,
    "the name of a command",
  ],
  [/\b(FILE|NAME|FORMER|SERVICE|FOLDER|COMMAND)\b(?!=)/, "a word stands for another"],
  [/ (follow|watch=true)\b|^reyns logs -f /, "it goes on until Ctrl-C"],
  [/ (attach|abort_on_exit|exit_code_from=tests)$/, "it goes on until an end: attach.test.ts"],
  [/^reyns -f /, "of Compose files that are not there: compose-globals.test.ts"],
  [/^reyns cp /, "of files that are not there: copy.test.ts"],
  [/^reyns pull /, "it wants a registry: registry.test.ts"],
  [/^reyns run (ports|web --ports)$/, "of a service named like a key: service-word.test.ts"],
  [/^reyns wait /, "it waits for an end that does not come: container-commands.test.ts"],
  [/ conf=test$/, "it asks before it runs a second conf beside the first"],
  [
    /^reyns run (debug|group=tools)$/,
    "of a service of Compose with a profile: compose-parity.test.ts",
  ],
  [/^reyns rollback /, "it wants an earlier version: rollback.test.ts"],
  [
    /^reyns convert( check)?$/,
    "it wants .conf files, or a compose.yaml: seeds-confs.test.ts, compose-parity.test.ts",
  ],
  [/ hello( build=true)?$/, "of a page that is played as a whole"],
  [/\| man -l -$/, "reference.test.ts shows it by groff"],
  [/^reyns doctor\b/, "it gives a busy Engine a second only: doctor.test.ts"],
  [/^reyns (trust|routes)\b| reyns-router$/, "they want a router: trust.test.ts, router.test.ts"],
  [/^reyns (upgrade|uninstall)\b/, "they change the executable: upgrade.test.ts"],
];

const isPlayed = (call: string): boolean => !notPlayed.some(([pattern]) => pattern.test(call));

/** Plays blocks one after another in a shell; a `cd` in one counts for the next. */
async function play(blocks: readonly string[], folder: string): Promise<void> {
  const { env } = await installation();
  const path = `${env["PATH"]}:/usr/bin:/bin`;
  let cwd = folder;
  for (const block of blocks) {
    const words = ["sh", "-exc", block];
    const child = Bun.spawn(words, {
      cwd,
      env: { ...env, PATH: path },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err, status] = await Promise.all([
      child.stdout.text(),
      child.stderr.text(),
      child.exited,
    ]);
    if (status !== 0) throw new Error(`status ${status}:\n${block}\n${err}${out}`);
    cwd = join(cwd, /^cd (\S+)$/m.exec(block)?.[1] ?? "");
  }
}

test("docs/first-project.md works from its first line to its last", async () => {
  const outer = await realpath(await mkdtemp(join(tmpdir(), "reyns-test-")));
  const port = await freePort();
  // Other tests publish 8080, too.
  const withPort = (text: string): string =>
    text
      .replaceAll(/(localhost|127\.0\.0\.1):8080/g, `$1:${port}`)
      .replace(/^cd shop$/m, `$&\nsed -i s/127.0.0.1:8080:/127.0.0.1:${port}:/ reyns.ts`);
  const blocks = blocksOf("docs/first-project.md", "").map(withPort);
  const [definition = ""] = blocksOf("docs/first-project.md", "ts").map(withPort);
  const second = blocks.findIndex((block) => block.includes("reyns graph"));
  await using shop = projectIn(join(outer, "shop"), { outer });
  await play(blocks.slice(0, second), outer);
  await shop.write({ "reyns.ts": definition });
  await play(blocks.slice(second), shop.folder);
});

test("docs/production.md works from its first line to its last", async () => {
  const [web = ""] = blocksOf("docs/production.md", "ts");
  const db = `service("db", { image: "reyns/reyns-base", volumes: { data: "/var/lib/postgresql/data" } });`;
  // In both confs: the page's commands are about a database beside its own service.
  const definition = web.replaceAll('service("web", {', `${db}\n$&`);
  await using shop = await createProject({
    "reyns.ts": definition,
    "host.conf": '{ "API_KEY": "a" }',
    "services/job/Dockerfile": "FROM reyns/reyns-base\n",
  });
  await play(blocksOf("docs/production.md", ""), shop.folder);
});

const sleeper = 'FROM debian:bookworm-slim\nSTOPSIGNAL SIGKILL\nCMD ["sleep", "600"]\n';
const tool = (name: string): string =>
  `RUN echo '#!/bin/sh' > /bin/${name} && chmod +x /bin/${name}\n`;

/** All that the calls in the text are about. By a name of its own, as another "shop" is played, and removed, beside it. */
const shop = {
  "services/web/Dockerfile": sleeper,
  "services/db/Dockerfile": `${sleeper}RUN useradd postgres\n${tool("psql")}${tool("pg_dump")}`,
  "services/postgres/Dockerfile": sleeper,
  "reyns.ts": `import { conf, dns, job, project, ready, required, service, task, test } from "reyns";
project("calls");
dns();
const sleeper = { instance: "one", ready: ready.started() };
service("web", { ...sleeper, group: "test", ports: ["127.0.0.1:28697:80"] });
service("db", { ...sleeper, group: "node2", env: { PASSWORD: required() } });
job("migrate", { image: "debian:bookworm-slim", command: ["true"] });
conf("test", () => void service("web", sleeper));
task("migrate", "Migrates", ({ args }) => void args.user);
test("nothing", () => {});
`,
  "host.conf": '{ "PASSWORD": "a" }',
};

/** For calls that take instances away: all of them run again before each. */
const small = {
  "services/web/Dockerfile": sleeper,
  "services/db/Dockerfile": sleeper,
  "reyns.ts": `import { project, ready, service } from "reyns";
project("taken");
const sleeper = { instance: "one", ready: ready.started() };
service("web", sleeper);
service("db", sleeper);
`,
};

/** What a text calls, without the calls that are not played. */
const inText = new Set(
  pages
    .filter((page) => !Object.hasOwn(elsewhere, page))
    .flatMap(inlineIn)
    .filter(isPlayed),
);

const takesAway = (call: string): boolean => /^reyns (clean|stop|kill|pause|down|rm)\b/.test(call);
const bringsBack = (call: string): boolean => /^reyns (start|unpause)\b/.test(call);

describe("a call in the text works, after those before it in one project", () => {
  let project: Project;
  const calls = [...inText].filter((call) => !takesAway(call));
  calls.push(...blocksOf("docs/tasks-and-templates.md", "").flatMap(typedIn));

  beforeAll(async () => {
    project = await createProject(shop);
    await project.must("build all");
    await project.must("run all quiet");
  });

  afterAll(() => project?.[Symbol.asyncDispose]());

  test.each(calls)("%s", (call) => playOne(call, project));

  test("there are many", () => expect(calls.length).toBeGreaterThan(25));
});

describe("a call in the text that takes instances away works with all of them running", () => {
  let project: Project;
  const calls = [...inText].filter((call) => takesAway(call) || bringsBack(call));

  beforeAll(async () => {
    project = await createProject(small);
  });

  afterAll(() => project?.[Symbol.asyncDispose]());

  test.each(calls)("%s", async (call) => {
    if (takesAway(call)) await project.must("run all quiet");
    await playOne(call, project);
  });

  test("there are many", () => expect(calls.length).toBeGreaterThan(10));
});

test("no reason to leave a call in the text out is unused", () => {
  const all = pages.flatMap(inlineIn);
  const idle = notPlayed.filter(([pattern]) => !all.some((call) => pattern.test(call)));
  expect(idle.map(([pattern]) => pattern.source)).toEqual([]);
});

/** A question that a terminal would ask is answered; a new project goes into a folder of its own. */
async function playOne(call: string, { folder }: Project): Promise<void> {
  const isNew = call.startsWith("reyns create");
  const line = /^reyns (clean|down)\b/.test(call) ? `${call} force` : call;
  await play([line], isNew ? await mkdtemp(join(folder, "new-")) : folder);
}

test("every block is tested, or has a reason not to be", () => {
  const played = new Set([
    "docs/first-project.md",
    "docs/production.md",
    "docs/tasks-and-templates.md",
  ]);
  const lost = pages
    .filter((page) => !played.has(page) && !Object.hasOwn(elsewhere, page))
    .flatMap((page) => blocksOf(page, "").map(typedIn))
    .filter((lines) => lines.length > 0 && !otherBlocks.some(([line]) => lines.includes(line)));
  expect(lost).toEqual([]);
});
