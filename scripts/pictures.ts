// Regenerates the pictures of docs/ from real runs of dist/reyns on a real Engine: graph.svg, questions.svg, run.svg.
import { readFile, writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { dirname, join } from "node:path";
import { createDemo, createProject, type Project } from "../test/binary/support/project.ts";
import { removeInstallation } from "../test/binary/support/reyns.ts";
import { openTerminal } from "../test/binary/support/terminal.ts";
import { terminalPicture } from "./terminal-picture.ts";

const docs = join(dirname(import.meta.dir), "docs");
const columns = 80;

/** A project of some size, with sleeping containers in place of the real services. */
const shop = (image: (name: string) => string): string => `
import { dns, link, project, ready, required, service } from "reyns";
project("shop");
const sleeper = (seconds: number) => \`trap exit TERM; sleep \${seconds} & wait; touch /up; sleep 999 & wait\`;
const up = (seconds: number) => ({ command: sleeper(seconds), ready: ready.file("/up") });
const ns = dns({ group: "data" });
const db = service("db", { image: "${image("postgres:17")}", instance: "one", group: "data", ...up(2),
  env: { POSTGRES_PASSWORD: required({ secret: true }) } });
const cache = service("cache", { image: "${image("valkey/valkey:8")}", instance: "one", group: "data", ...up(1) });
const migrate = service("migrate", { image: "${image("shop/migrate")}", instance: "one", group: "data", links: [link(db)], ...up(1) });
const api = service("api", { image: "${image("shop/api")}", instance: "one", group: "back", ...up(1),
  links: [link(db), link(cache, "store")], after: [migrate] });
service("worker", { image: "${image("shop/worker")}", instance: "one", group: "back", ...up(1), links: [link(db), link(cache, "store")] });
service("web", { image: "${image("caddy:2")}", instance: "one", group: "front", ...up(1), links: [link(api)], ports: [{ container: 80, host: 8000 }] });
`;

async function drawGraph(): Promise<void> {
  await using project = await createProject({ "reyns.ts": shop((name) => name) });
  await writeFile(join(docs, "graph.svg"), `${await project.must("graph format=svg")}\n`);
}

/** A network interface of this machine that other machines can reach. */
function externalInterface(): string {
  const names = Object.entries(networkInterfaces())
    .filter(
      ([name, addresses]) =>
        !/^(lo|docker|br-|veth)/.test(name) && addresses?.some(({ family }) => family === "IPv4"),
    )
    .map(([name]) => name);
  return names[0] ?? "lo";
}

/** The demo, with this machine's interface instead of eth0. */
async function createLocalDemo(): Promise<Project> {
  const demo = await createDemo();
  const file = join(demo.folder, "reyns.ts");
  await writeFile(file, (await readFile(file, "utf8")).replaceAll("eth0", externalInterface()));
  return demo;
}

async function drawQuestions(): Promise<void> {
  await using demo = await createLocalDemo();
  await demo.must("build all");
  await demo.must("run group=master conf=default-multinode");
  await using terminal = await openTerminal({
    folder: demo.folder,
    columns,
    env: { PS1: "$ " },
    prompt: /\$$/,
  });
  await terminal.type("reyns run group=node2 conf=default-multinode");
  await terminal.see("another address");
  const asked = await terminal.coloured();
  await terminal.press("Enter");
  await terminal.see("Keep these answers");
  await terminal.press("Enter");
  await terminal.see(/onenode2 +node2/);
  await terminal.see(/\n\$$/);
  const title =
    "reyns run asks for the address of the DNS, suggests this host's, and runs the group";
  await save("questions.svg", title, [asked, await terminal.coloured()]);
}

async function drawRun(): Promise<void> {
  await using project = await createProject({ "reyns.ts": shop(() => "debian:bookworm-slim") });
  const env = { PS1: "$ ", POSTGRES_PASSWORD: "x" };
  await using terminal = await openTerminal({
    folder: project.folder,
    columns,
    env,
    prompt: /\$$/,
  });
  await terminal.type("reyns run all");
  await terminal.see(/migrate-one +waiting for/);
  const running = await terminal.coloured();
  await terminal.see(/\n\$$/);
  const title = "reyns run: each instance with its phase, its time, and the instances it waits for";
  await save("run.svg", title, [running, await terminal.coloured()]);
}

async function save(name: string, title: string, screens: readonly string[]): Promise<void> {
  // Without the prompt that follows.
  const shown = screens.map((screen) => screen.trimEnd().replace(/\n\$ ?$/, ""));
  await writeFile(join(docs, name), terminalPicture(title, shown, columns));
}

await drawGraph();
await drawQuestions();
await drawRun();
await removeInstallation();
