import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must, until } from "../engine/support/images-container.ts";
import { type Node, type Nodes, startNodes, whyNoNodes } from "./support/nodes.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(90_000);

const reason = await whyNoNodes();

/** An Engine's port for everybody in a network in which nobody else is. */
const port = 2375;

const definition = `import { dns, group, node, service } from "reyns";
node("first", "unix://SOCKET", { address: "192.168.77.1" });
node("second", "tcp://192.168.77.2:${port}");
group("first", () => { dns({ publishPorts: true }); service("web", { image: "reyns/reyns-base" }); });
group("second", () => {
  service("shell", { image: "reyns/reyns-base" });
  const command = ["sh", "-c", "echo hello; exec sleep 1000"];
  service("talk", { image: "reyns/reyns-common", entrypoint: [], command, stopSignal: "SIGKILL" });
});
`;

/** The Engine's own client on a node. */
async function on({ env }: Node, ...words: readonly string[]): Promise<string> {
  return must("docker", "--host", env["DOCKER_HOST"] ?? "", ...words);
}

describe.skipIf(reason !== undefined)(`node()${reason ? `: ${reason}` : ""}`, () => {
  let project: Project;
  let nodes: Nodes<"first" | "second">;
  let first: Node;
  let second: Node;
  /** The second machine's Engine, and what its instances have to know. */
  let remote: Readonly<Record<string, string>>;

  beforeAll(async () => {
    project = await createProject({ "reyns.ts": "" });
    await project.must("init");
    nodes = await startNodes(["first", "second"], {
      images: ["reyns/reyns-common", "reyns/reyns-base", "reyns/reyns-dns"],
      project: project.folder,
      engineFlags: (address) => ["--host", `tcp://${address}:${port}`],
    });
    ({ first, second } = nodes.node);
    remote = {
      ...{ DOCKER_HOST: `tcp://${second.address}:${port}`, SERVICE_IP: second.address },
      DNS_SERVICE_IP: first.address,
    };
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

  test("commands about instances act on all machines, or on those that are named", async () => {
    await first.must("run all group=first", { env: { SERVICE_IP: first.address } });
    await first.must("run all group=second", { env: remote });
    const listed = JSON.parse(await first.must("ps json")) as { service: string; node: string }[];
    expect(listed.map(({ service, node }) => `${service} on ${node}`)).toEqual([
      ...["reyns-dns on first", "shell on second", "talk on second", "web on first"],
    ]);
    expect(await first.must("ps")).toMatch(/^shell +one +second +running /m);
    expect(await first.must("ps node=second")).not.toContain("web");
    expect((await first.must("stats")).match(/^\S+ +(?:first|second) /gm)).toHaveLength(4);
    expect(await first.must("status")).toContain("shell-one\n");
    expect(await first.must(["shell", "shell", "--", "hostname"])).toBe("shell-one");
    expect(await first.must(["ssh", "shell", "--", "hostname"])).toBe("shell-one");
    await first.must("cp reyns.ts shell:/tmp/copied");
    expect(await first.must(["shell", "shell", "--", "head -c 6 /tmp/copied"])).toBe("import");
    expect(await first.must("logs all tail=1")).toMatch(/^talk-one +\| hello$/m);
    await first.must("kill shell signal=CONT");
    expect(await first.must("info shell")).toMatch(/^node +second$/m);
  });

  test("logs follow an instance of another machine over its restart", async () => {
    const following = first.reyns("logs talk follow");
    await until("a line", async () => (await first.must("logs talk")) !== "");
    await first.must("restart talk");
    await first.must("stop talk");
    const { status, stdout } = await following;
    expect(status).toBe(0);
    expect(stdout.match(/hello/g)).toHaveLength(2);
  });

  test("start and stop act on each machine", async () => {
    await first.must("start all");
    const { stderr } = await first.reyns("stop all");
    expect(stderr).toContain("second: shell-one stopped");
    expect(await first.must("ps")).toBe("");
    expect((await first.reyns("start web node=second")).stderr).toContain('no instance of "web"');
    await first.must("start all");
    expect(await first.must("dns talk-one")).toContain(second.address);
  });

  test("a machine that is off is named before anything changes; partial goes on without it", async () => {
    await second.setLink("down");
    const refused = await first.reyns("stop all");
    const listed = await first.reyns("ps");
    const partial = await first.reyns("stop web partial=true");
    await second.setLink("up");
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain("error second: ");
    expect(refused.stderr).toContain("partial=true");
    expect(listed.status).toBe(1);
    expect(listed.stdout).toMatch(/^web +one +first +running/m);
    expect(listed.stderr).toContain("warning second: ");
    expect(partial.status).toBe(1);
    expect(partial.stderr).toContain("first: web-one stopped");
    await first.must("start all");
  });

  test("clean removes everything from all machines", async () => {
    await first.must("clean all force=true");
    for (const node of [first, second]) {
      expect(await on(node, "ps", "-aq")).toBe("");
      expect(await on(node, "network", "ls", "-q", "--filter", "label=io.reyns.folder")).toBe("");
    }
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
