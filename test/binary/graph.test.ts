import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createOwnDemo, type Project } from "./support/project.ts";
import { openTerminal } from "./support/terminal.ts";

setDefaultTimeout(240_000);

let demo: Project;

beforeAll(async () => {
  demo = await createOwnDemo({ offline: true });
});

afterAll(() => demo?.[Symbol.asyncDispose]());

/** No Engine is there. */
const env = { DOCKER_HOST: "unix:///nowhere/docker.sock" };

test("graph prints the demo as text without an Engine", async () => {
  expect(await demo.must("graph", { env })).toBe(`reyns-demo, conf default: 3 instances

at once
└─ reyns-dns-main  reyns/reyns-dns
then
├─ demo-one        reyns-demo/demo
│   ─▶ reyns-dns-main as dns
└─ demo-two        reyns-demo/demo
    ─▶ reyns-dns-main as dns

─▶ links to`);
  const ascii = await demo.must("graph", { env: { ...env, LC_ALL: "C" } });
  expect(ascii).toContain("|- demo-one        reyns-demo/demo\n|   -> reyns-dns-main as dns\n");
});

test("graph of a group shows the values that a run there would ask for", async () => {
  const line = "graph conf=default-multinode group=node2";
  const text = await demo.must(line, { env });
  expect(text).toContain("└─ demo-onenode2 [node2]  reyns-demo/demo\n    needs DNS_SERVICE_IP");
  const given = await demo.must(line, { env: { ...env, DNS_SERVICE_IP: "192.0.2.1" } });
  expect(given).not.toContain("needs");
  const { status, stderr } = await demo.reyns("graph conf=default-multinode group=node3", { env });
  expect([status, stderr.includes("accepted: master, node1, node2")]).toEqual([2, true]);
});

test("graph refuses a format that it does not draw", async () => {
  const { status, stderr } = await demo.reyns("graph out=drawn.png", { env });
  expect([status, stderr]).toEqual([2, expect.stringContaining("unsupported format .png")]);
});

test("graph draws each format, chosen by its name or by the extension of the file", async () => {
  const formats = [
    ["mermaid", "mmd", "flowchart RL\n"],
    ["dot", "gv", 'digraph "reyns-demo, conf default: 3 instances" {\n'],
    ["svg", "svg", "<svg xmlns="],
    ["json", "json", "{\n"],
    ["text", "txt", "reyns-demo, conf default: 3 instances\n"],
  ] as const;
  for (const [format, ending, start] of formats) {
    const printed = await demo.must(`graph format=${format}`, { env });
    expect(printed).toStartWith(start);
    const { stdout, stderr } = await demo.reyns(`graph out=drawn.${ending}`, { env });
    expect([stdout, stderr]).toEqual(["", `drawn.${ending} is written\n`]);
    const file = join(demo.folder, `drawn.${ending}`);
    expect((await readFile(file, "utf8")).trimEnd()).toBe(printed);
    await rm(file);
  }
});

test("graph prints JSON", async () => {
  expect(await demo.json("graph", { env })).toMatchObject({
    project: "reyns-demo",
    conf: "default",
    group: null,
    sequential: false,
    nodes: [{ host: "reyns-dns-main", layer: 0 }, { host: "demo-one" }, { host: "demo-two" }],
    edges: [
      { from: "demo-one", to: "reyns-dns-main", kind: "link", name: "dns" },
      { from: "demo-two", to: "reyns-dns-main", kind: "link", name: "dns" },
    ],
  });
});

test("graph reports a file that it cannot write", async () => {
  const { status, stderr } = await demo.reyns("graph out=missing/graph.svg", { env });
  expect(status).toBe(1);
  expect(stderr).toBe(
    "error cannot write missing/graph.svg: the folder missing does not exist\n      create it: mkdir -p missing\n",
  );
});

test("graph fits the terminal", async () => {
  await using terminal = await openTerminal({ folder: demo.folder, columns: 40 });
  const shown = await terminal.run("reyns graph conf=default-multinode");
  expect(Math.max(...shown.split("\n").map((line) => line.length))).toBeLessThanOrEqual(40);
  expect(shown).toContain("demo-onenode1 [node1]");
});
