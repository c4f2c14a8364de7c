import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must, until } from "../engine/support/images-container.ts";
import { type Node, type Nodes, startNodes, whyNoNodes } from "./support/nodes.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(180_000);

const reason = await whyNoNodes();

/** A line, as each task prints it when it starts, with what it has been given. */
const line = 'echo "up $VERSION $INSTANCE_NAME as $TOKEN with $(cat /etc/api.conf)"';

const definition = (version: string, { swarm = "swarm: undefined", begin = "" } = {}): string => `
import { network, required, service } from "reyns";
network("mesh", { driver: "overlay", attachable: true });
const image = "debian:bookworm-slim";
const command = ["sh", "-c", ${JSON.stringify(`${begin}${line}; exec sleep infinity`)}];
service("api", {
  image,
  command,
  networks: ["mesh"],
  stopSignal: "SIGKILL",
  env: { VERSION: "${version}", INSTANCE_NAME: "{{one}}", TOKEN: required({ secret: true }) },
  files: { "/etc/api.conf": "configured" },
  ${swarm},
});
service("probe", { image, command: ["sleep", "infinity"], networks: ["mesh"], stopSignal: "SIGKILL" });
`;

const two = 'swarm: { replicas: 2, monitor: "0.5s", parallelism: 2 }';
// A busy machine may take a while to notice that a task has ended.
const firstStart = 'swarm: { replicas: 2, monitor: "4s", parallelism: 2, order: "start-first" }';
const secret = "s3cret-7f1a";

/** The Engine's own client on a node. */
async function on({ env }: Node, ...words: readonly string[]): Promise<string> {
  return must("docker", "--host", env["DOCKER_HOST"] ?? "", ...words);
}

interface Listed {
  readonly id: string;
  readonly service: string;
  readonly state: string;
  readonly ready: boolean;
  readonly tasks?: { readonly desired: number; readonly running: number; readonly update: string };
}

describe.skipIf(reason !== undefined)(`a Swarm service${reason ? `: ${reason}` : ""}`, () => {
  let project: Project;
  let nodes: Nodes<"manager" | "worker">;
  let manager: Node;

  const write = (...given: Parameters<typeof definition>): Promise<void> =>
    writeFile(join(manager.folder, "reyns.ts"), definition(...given));
  const env = { TOKEN: secret };
  const run = (words = "run all"): ReturnType<Node["reyns"]> => manager.reyns(words, { env });
  const api = async (): Promise<Listed | undefined> => {
    const all = JSON.parse(await manager.must("ps all json")) as Listed[];
    return all.find(({ service }) => service === "api");
  };
  const lines = async (): Promise<string[]> => (await manager.must("logs api")).split("\n");

  beforeAll(async () => {
    project = await createProject({ "reyns.ts": "" }, { offline: true });
    nodes = await startNodes(["manager", "worker"], {
      images: ["debian:bookworm-slim"],
      project: project.folder,
    });
    ({ manager } = nodes.node);
  }, 300_000);

  afterAll(async () => {
    await nodes?.[Symbol.asyncDispose]();
    await project?.[Symbol.asyncDispose]();
  }, 60_000);

  test("is refused at its place by an Engine in no swarm, before anything is made", async () => {
    await write("1", { swarm: two });
    const { status, stderr } = await run();
    expect(status).toBe(2);
    expect(stderr).toMatch(/reyns\.ts:\d+:3: api-one is a Swarm service, and this Engine is in no/);
    expect(stderr).toContain("docker swarm init");
    expect(await on(manager, "network", "ls", "--format", "{{.Name}}")).not.toContain("mesh");
  });

  test("runs when run returns: its tasks, their names, files and secrets", async () => {
    await on(manager, "swarm", "init", "--advertise-addr", manager.address);
    const token = await on(manager, "swarm", "join-token", "--quiet", "worker");
    const { worker } = nodes.node;
    await on(worker, "swarm", "join", "--token", token.trim(), `${manager.address}:2377`);
    const states = ["node", "ls", "--format", "{{.Status}}"];
    const areReady = async (): Promise<boolean> =>
      (await on(manager, ...states)).trim() === "Ready\nReady";
    await until("both nodes", areReady, 60);
    const { status, stderr } = await run();
    expect([status, stderr]).toEqual([0, expect.not.stringContaining("error")]);
    expect(await api()).toMatchObject({ state: "running", ready: true });
    expect((await api())?.tasks).toMatchObject({ desired: 2, running: 2 });
    expect(await manager.must("ps")).toContain("running, 2 of 2");
    const found = await manager.must("shell probe -- getent ahostsv4 api-one");
    const addresses = new Set([...found.matchAll(/^[\d.]+/gm)].map(([address]) => address));
    expect(addresses.size).toBe(2);
    expect(await lines()).toEqual([
      `up 1 {{one}} as ${secret} with configured`,
      `up 1 {{one}} as ${secret} with configured`,
    ]);
  });

  test("has no secret in what the Engine tells of it, and a fixed image", async () => {
    const inspected = await on(manager, "service", "inspect", (await api())?.id ?? "");
    expect(inspected).not.toContain(secret);
    expect(inspected).toMatch(/"Image": "sha256:[0-9a-f]{64}"/);
    expect(inspected).toContain('"Mode": "dnsrr"');
  });

  test("is left alone by a run that changes nothing, and by commands for one container", async () => {
    const before = await on(manager, "service", "inspect", (await api())?.id ?? "");
    expect((await run()).stderr).toContain("up to date: api-one");
    const { status, stderr } = await manager.reyns("shell api -- true");
    expect([status, stderr]).toEqual([2, expect.stringContaining("api-one is a Swarm service")]);
    expect(await on(manager, "service", "inspect", (await api())?.id ?? "")).toBe(before);
  });

  test("is updated in a rolling way, as Swarm itself says", async () => {
    await write("2", { swarm: firstStart });
    const planned = await manager.must("plan all", { env });
    expect(planned).toContain("~ replace  api-one");
    expect(planned).toMatch(/env VERSION +"1" -> "2"/);
    expect(planned).toMatch(/swarm +"replicas 2, stop-first.*"\s+-> "replicas 2, start-first/);
    expect((await run()).status).toBe(0);
    expect((await api())?.tasks).toEqual({ desired: 2, running: 2, update: "completed" });
    expect((await lines()).filter((text) => text.startsWith("up 2"))).toHaveLength(2);
  });

  test("is rolled back when its update fails, and the run says why", async () => {
    await write("3", { swarm: firstStart, begin: "echo will not work; exit 3; " });
    const { status, stderr } = await run();
    expect(status).toBe(1);
    expect(stderr).toContain("api-one: the update failed, and the former version serves again");
    expect(stderr).toContain("non-zero exit (3)");
    expect(stderr).toContain("will not work");
    // Swarm may end one task more, when it has gone back.
    await until("two tasks", async () => (await api())?.tasks?.running === 2, 60);
    await write("2", { swarm: firstStart });
    expect((await run()).stderr).toContain("up to date: api-one");
  });

  test("stops, starts and restarts", async () => {
    await manager.must("stop api");
    expect(await api()).toMatchObject({ state: "exited", ready: false });
    expect(await manager.must("ps")).not.toContain("api");
    await manager.must("start api");
    expect((await api())?.tasks).toMatchObject({ desired: 2, running: 2 });
    await manager.must("restart api");
    expect(await api()).toMatchObject({ ready: true, tasks: { update: "completed" } });
  });

  test("runs on the other node when its own dies", async () => {
    await nodes.node.worker.kill();
    const moved = async (): Promise<boolean> => {
      const words = ["ps", "--quiet", "--filter", "label=io.reyns.role=task"];
      const here = (await on(manager, ...words)).trim().split("\n").length;
      return here === 2 && (await api())?.ready === true;
    };
    await until("both tasks on the manager", moved, 120);
  });

  test("becomes a container, and is gone as a service with all that it had", async () => {
    await write("4");
    expect((await run()).status).toBe(0);
    expect((await api())?.tasks).toBeUndefined();
    expect(await on(manager, "service", "ls", "--quiet")).toBe("");
    await write("5", { swarm: "swarm: {}" });
    expect((await run()).status).toBe(0);
    expect((await api())?.tasks).toMatchObject({ desired: 1, running: 1 });
    await manager.must("clean all force=true");
    for (const kind of ["service", "secret", "config"])
      expect(await on(manager, kind, "ls", "--quiet")).toBe("");
    expect(await on(manager, "network", "ls", "--format", "{{.Name}}")).not.toContain("mesh");
  });
});
