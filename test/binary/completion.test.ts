import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { rm, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { must, until } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";
import { installation } from "./support/reyns.ts";
import { openTerminal, type Terminal } from "./support/terminal.ts";

setDefaultTimeout(240_000);

const definition = `import { conf, project, service, task } from "reyns";
import { writeFileSync } from "node:fs";
writeFileSync("it-was-run", "");
project("completed");
service("db", { image: "debian:bookworm-slim", instance: "one", command: ["sleep", "600"] });
service("db", { image: "debian:bookworm-slim", instance: "two", command: ["sleep", "600"] });
service(["web"].join(""), { image: "debian:bookworm-slim", init: true, command: ["sleep", "600"], group: "node2" });
conf("prod", () => {});
task("migrate", "Bring it up to date", async () => {});
`;

let project: Project;

beforeAll(async () => {
  project = await createProject({
    "reyns.ts": definition,
    "services/demo/Dockerfile": "FROM reyns/reyns-base\n",
    "services/site_custom/Dockerfile": "FROM reyns/reyns-base\n",
    "two words.conf": '[{ "service": "demo", "instance": "three", "group": "node1" }, ] # one',
    "files/keys.json": "{}",
    ".reyns/copies/demo/copy.json": '{ "createdAt": "2026-11-02T08:00:00Z" }',
  });
});

afterAll(() => project[Symbol.asyncDispose]());

/** Words that the executable offers, with what fish shows beside them. */
async function offered(line: string, env = {}): Promise<string[]> {
  const { status, stdout, stderr } = await project.reyns(
    ["__complete", "shell=fish", `line=${line}`],
    { env },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.trimEnd().split("\n");
}

describe("without an Engine", () => {
  const env = { DOCKER_HOST: "unix:///nowhere/docker.sock" };
  const lines: readonly [string, readonly string[]][] = [
    ["reyns run ", ["db", "demo", "site", "all"]],
    ["reyns run demo ", ["three"]],
    ["reyns ssh db ", ["one", "two"]],
    ["reyns run all group=", ["group=node2", "group=node1"]],
    ["reyns run all conf=", ["conf=prod", "conf=two words"]],
    ["reyns stop all copy=", ["copy=demo", "copy=main"]],
    ["reyns run all copy=new from=", ["from=demo", "from=main"]],
    ["reyns do ", ["migrate\tBring it up to date"]],
    ["reyns keys import files/", ["files/keys.json"]],
  ];
  test.each(lines)("%p", async (line, expected) => {
    const found = await offered(line, env);
    expect(found).toEqual([...expected]);
  });
});

test("the project's volumes are offered by the names that its definition has", async () => {
  await using shop = await createProject({
    "reyns.ts": `import { project, ready, service } from "reyns";
project("volumed");
service("db", { image: "debian:bookworm-slim", init: true, command: ["sleep", "600"], ready: ready.started(),
  volumes: { data: "/data", cache: "/cache" } });
`,
  });
  await shop.must("run all");
  const line = "line=reyns volumes remove ";
  // An Engine that does not answer in time has none to offer.
  await until("an answer in time", async () => {
    const found = await shop.must(["__complete", "shell=fish", line]);
    return found === "cache\ndata";
  });
});

test("completion in a hostile folder offers what a shell can take, and runs and awaits nothing", async () => {
  const marker = join(project.folder, "marker");
  const names = [
    `$(touch ${basename(marker)})`,
    "a\nrm -rf x",
    "b\u001B[2Jx",
    "c'; id; '",
    "plain",
  ];
  for (const name of names) await Bun.write(join(project.folder, "hostile", name), "");
  const at = (name: string): string => join(project.folder, "hostile", name);
  await symlink("loop", at("loop"));
  await must("mkfifo", at("pipe"), join(project.folder, "fifo.conf"));
  const lookUp = async (quote: string): Promise<string> => {
    const line = `line=reyns keys import ${quote}hostile/`;
    const { stdout, stderr } = await project.reyns(["__complete", "shell=bash", line]);
    expect(stderr).toBe("");
    return stdout.replace(/\n$/, "");
  };
  // bash takes each line for a word.
  const script =
    'while IFS= read -r line; do eval "words=($line)"; printf "%s\\n" "${#words[@]} ${words[0]}"; done';
  const words = await must("bash", "-c", `${script} <<< "$1"`, "-", await lookUp(""));
  const kept = [names[0], names[3], "loop", "pipe", "plain"].map((name) => `1 hostile/${name}`);
  expect(words.trim().split("\n")).toEqual(kept);
  expect(await lookUp("'")).toContain(String.raw`hostile/c'\''; id; '\''`);
  expect(existsSync(marker)).toBe(false);
  expect(await offered("reyns run all conf=", { DOCKER_HOST: "unix:///nowhere" })).toContain(
    "conf=prod",
  );
  await rm(join(project.folder, "fifo.conf"));
});

test("completion does not wait for an Engine that does not answer", async () => {
  const socket = join(project.folder, "silent.sock");
  const silent = Bun.listen({ unix: socket, socket: { data: () => {} } });
  const found = await offered("reyns ssh db ", { DOCKER_HOST: `unix://${socket}` });
  silent.stop(true);
  expect(found).toEqual(["one", "two"]);
});

test("completion lists running instances without running reyns.ts", async () => {
  await project.must("run web first new=true");
  await Bun.file(join(project.folder, "it-was-run")).delete();
  for (const [line, only] of Object.entries({
    "reyns ssh ": "web",
    "reyns ssh web ": "first",
    "reyns dns ": "web-first",
  }))
    // An Engine that is busy may miss its 100 ms.
    await until(only, async () => (await offered(line)).join() === only);
  expect(existsSync(join(project.folder, "it-was-run"))).toBe(false);
});

test("completion lists commands outside of any project", async () => {
  const { status, stdout } = await project.reyns(["__complete", "shell=bash", "line=reyns ver"], {
    env: { PROJECT_DIR: "/nowhere" },
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: "version \n" });
});

const shells = {
  bash: { words: ["bash", "--norc"], load: 'eval "$(reyns completion bash)"' },
  zsh: {
    words: ["zsh", "-f"],
    load: 'autoload -U compinit; compinit -u -D; eval "$(reyns completion zsh)"',
  },
  fish: {
    words: ["fish", "--no-config"],
    load: "set -g fish_autosuggestion_enabled 0; reyns completion fish | source",
  },
};

/** Opens a terminal with the shell itself in it, which has the executable on its PATH. */
async function openShell(shell: keyof typeof shells): Promise<Terminal> {
  const [name = "", ...words] = shells[shell].words;
  const { env } = await installation();
  const terminal = await openTerminal({
    folder: project.folder,
    env: { PATH: `${env["PATH"]}:/usr/bin:/bin`, PS1: "READY> ", DOCKER_HOST: "unix:///nowhere" },
    columns: 120,
    prompt: /[>#$%] ?$/,
    shell: [Bun.which(name) ?? name, ...words],
  });
  await terminal.type(`${shells[shell].load}; echo loaded`);
  await terminal.see(/^loaded/m);
  return terminal;
}

/** What is typed before TAB, and what the line is after it. */
const typed: readonly [string, string | RegExp][] = [
  ["reyns ru", "reyns run"],
  ["reyns run dem", "reyns run demo"],
  ["reyns run demo thr", "reyns run demo three"],
  ["reyns run demo three safem", "reyns run demo three safemode"],
  ["reyns run demo three safemode=t", "reyns run demo three safemode=true"],
  ["MODE=test reyns run dem", "MODE=test reyns run demo"],
  ["reyns run:dem", "reyns run:demo"],
  ["reyns run:demo,instance=th", "reyns run:demo,instance=three"],
  ["reyns run all conf=p", "reyns run all conf=prod"],
  ["reyns run all --conf p", "reyns run all --conf prod"],
  ["reyns run all conf=tw", String.raw`reyns run all conf=two\ words`],
  // zsh spells it in its own way.
  ['reyns run all conf="two w', /conf=(two\\ words|"two words")/],
  ['reyns run "dem', 'reyns run "demo"'],
  ["reyns keys import files/k", "reyns keys import files/keys.json"],
];

describe.each(["bash", "zsh", "fish"] as const)("in %s", (shell) => {
  test("TAB completes the line", async () => {
    await using terminal = await openShell(shell);
    for (const [before, after] of typed) {
      await terminal.press("C-u");
      await terminal.press("C-l");
      await terminal.press("-l", before);
      await terminal.press("Tab");
      await terminal.see(after);
    }
  });
});
