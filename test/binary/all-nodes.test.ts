import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Node, type Nodes, startNodes, whyNoNodes } from "./support/nodes.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(90_000);

const reason = await whyNoNodes();

/** An Engine's port for everybody in a network in which nobody else is. */
const port = 2375;

const definition = `import { dns, group, node, service } from "reyns";
node("first", "unix://SOCKET", { address: "192.168.77.1" });
node("second", "tcp://192.168.77.2:${port}");
group("first", () => { dns(); service("web", { image: "reyns/reyns-base" }); });
group("second", () => { service("shell", { image: "reyns/reyns-base" }); });
`;

describe.skipIf(reason !== undefined)(`node()${reason ? `: ${reason}` : ""}`, () => {
  let project: Project;
  let nodes: Nodes<"first" | "second">;
  let first: Node;
  let second: Node;

  beforeAll(async () => {
    project = await createProject({ "reyns.ts": "" });
    await project.must("init");
    nodes = await startNodes(["first", "second"], {
      images: ["reyns/reyns-common", "reyns/reyns-base", "reyns/reyns-dns"],
      project: project.folder,
      engineFlags: (address) => ["--host", `tcp://${address}:${port}`],
    });
    ({ first, second } = nodes.node);
    const socket = first.env["DOCKER_HOST"]?.replace("unix://", "") ?? "";
    await writeFile(join(first.folder, "reyns.ts"), definition.replace("SOCKET", socket));
  }, 300_000);

  afterAll(async () => {
    await nodes?.[Symbol.asyncDispose]();
    await project?.[Symbol.asyncDispose]();
  }, 60_000);

  test("nodes asks the Engine of each", async () => {
    const states = JSON.parse(await first.must("nodes json")) as Record<string, unknown>[];
    expect(states).toMatchObject([
      { name: "first", address: "192.168.77.1", reachable: true, os: "linux", running: 0 },
      { name: "second", address: "192.168.77.2", reachable: true, os: "linux", running: 0 },
    ]);
    expect(Math.abs(Number(states[1]?.["clockDifference"]))).toBeLessThan(2);
    expect(await first.must("nodes")).toMatch(/^second +ready +192\.168\.77\.2 +tcp:/m);
  });

  test("nodes names a machine that is off, beside what the others answer", async () => {
    await second.setLink("down");
    const { status, stdout, stderr } = await first.reyns("nodes");
    await second.setLink("up");
    expect(status).toBe(1);
    expect(stdout).toMatch(/^first +ready/m);
    expect(stdout).toMatch(/^second +unreachable/m);
    expect(stderr).toContain(`second: `);
    expect(stderr).toContain(`tcp://192.168.77.2:${port}`);
  });
});
