import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../engine/support/images-container.ts";
import { addressesIn, on } from "./support/machines.ts";
import { type Node, type Nodes, startNodes, whyNoNodes } from "./support/nodes.ts";
import { createProject, type Project } from "./support/project.ts";
import { call } from "./support/reyns.ts";
import {
  allTasks,
  joinSwarm,
  listService,
  type Listed,
  swarmObjects,
  tasksOn,
  untilTasks,
} from "./support/swarm.ts";
import { definition, firstStart, secret, two } from "./support/swarm-service.ts";

setDefaultTimeout(180_000);

const reason = await whyNoNodes();

describe.skipIf(reason !== undefined)(`a Swarm service${reason ? `: ${reason}` : ""}`, () => {
  let project: Project;
  let nodes: Nodes<"manager" | "worker">;
  let manager: Node;
  let worker: Node;

  const write = (...given: Parameters<typeof definition>): Promise<void> =>
    writeFile(join(manager.folder, "reyns.ts"), definition(...given));
  const env = { TOKEN: secret };
  const run = (words = "run all"): ReturnType<Node["reyns"]> => manager.reyns(words, { env });
  const api = async (): Promise<Listed | undefined> => (await listService(manager, "api"))[0];
  const lines = async (): Promise<string[]> => (await manager.must("logs api")).split("\n");
  const runs = (tasks: number, update?: string): Promise<void> =>
    untilTasks(manager, "api", { tasks, update });

  beforeAll(async () => {
    project = await createProject({ "reyns.ts": "" }, { offline: true });
    nodes = await startNodes(["manager", "worker"], {
      images: ["debian:bookworm-slim"],
      project: project.folder,
    });
    ({ manager, worker } = nodes.node);
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
    const { stdout } = await run("doctor");
    expect(stdout).toMatch(/swarm +this Engine is in no swarm, and the definition has services of/);
    expect(await on(manager, "network", "ls", "--format", "{{.Name}}")).not.toContain("mesh");
  });

  test("runs when run returns: its tasks, their names, files and secrets", async () => {
    await joinSwarm(manager, worker);
    expect((await run("doctor")).stdout).toMatch(/swarm +this Engine is a manager of its swarm/);
    const { status, stderr } = await run();
    expect([status, stderr]).toEqual([0, expect.not.stringContaining("error")]);
    await runs(2);
    expect(await manager.must("ps")).toContain("running, 2 of 2");
    const addresses = async (): Promise<string[]> =>
      addressesIn(await manager.must("shell probe -- getent ahostsv4 api-one"));
    await until("both addresses", async () => (await addresses()).length === 2, 60);
    await until("a line of each task", async () => (await lines()).length >= 2, 60);
    expect(new Set(await lines())).toEqual(new Set([`up 1 {{one}} as ${secret} with configured`]));
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
    const attached = await run("run api attach");
    expect([attached.status, attached.stderr]).toEqual([
      2,
      expect.stringMatching(/reyns\.ts:\d+:3: api-one is a Swarm service, which a call cannot be/),
    ]);
    expect(await manager.must("info api")).toContain("docker service inspect");
    expect(await on(manager, "service", "inspect", (await api())?.id ?? "")).toBe(before);
  });

  test("is up to date although its tasks have failed before", async () => {
    for (let failures = 0; failures < 2; failures++) {
      const failing = await allTasks(manager, worker);
      for (const [id, node] of failing) await on(node, "kill", id);
      const ended = new Set(failing.map(([id]) => id));
      const areNew = async (): Promise<boolean> => {
        const found = await allTasks(manager, worker);
        return found.length === 2 && !found.some(([id]) => ended.has(id));
      };
      await until("two other tasks", areNew, 60);
    }
    await runs(2);
    const { status, stderr } = await run();
    expect([status, stderr]).toEqual([0, expect.stringContaining("up to date: api-one")]);
  });

  test("is updated in a rolling way, as Swarm itself says", async () => {
    await write("2", { swarm: firstStart });
    const planned = await manager.must("plan all", { env });
    expect(planned).toContain("~ replace  api-one");
    expect(planned).toMatch(/env VERSION +"1" -> "2"/);
    expect(planned).toMatch(/swarm +"replicas 2, stop-first.*"\s+-> "replicas 2, start-first/);
    expect((await run()).status).toBe(0);
    await runs(2, "completed");
    const isOfUpdate = (text: string): boolean => text.startsWith("up 2");
    await until("its lines", async () => (await lines()).filter(isOfUpdate).length >= 2, 60);
  });

  test("keeps its tasks when only their number changes", async () => {
    const before = await allTasks(manager, worker);
    await write("2", { swarm: firstStart.replace("replicas: 2", "replicas: 3") });
    expect((await run()).status).toBe(0);
    await runs(3);
    const after = new Set((await allTasks(manager, worker)).map(([id]) => id));
    expect(before.filter(([id]) => !after.has(id))).toEqual([]);
    await write("2", { swarm: firstStart });
    expect((await run()).status).toBe(0);
    await runs(2);
  });

  test("is rolled back when its update fails, and the run says why", async () => {
    await write("3", { swarm: firstStart, begin: "echo will not work; exit 3; " });
    const { status, stderr } = await run();
    expect(status).toBe(1);
    expect(stderr).toContain("api-one: the update failed, and the former version serves again");
    expect(stderr).toContain("non-zero exit (3)");
    expect(stderr).toContain("will not work");
    // Swarm may end one task more, when it has gone back.
    await runs(2);
    await write("2", { swarm: firstStart });
    expect((await run()).stderr).toContain("up to date: api-one");
  });

  test("is found where another clone of the project has made it", async () => {
    await rm(join(manager.folder, ".reyns/swarm"));
    expect(await manager.must("ps")).toContain("running, 2 of 2");
  });

  test("is refused with a volume of its image, which its tasks would leave behind", async () => {
    await on(manager, "create", "--name", "with-volume", "debian:bookworm-slim", "true");
    await on(manager, "commit", "--change", "VOLUME /data", "with-volume", "acme/data:1");
    await on(manager, "rm", "with-volume");
    await write("2", { swarm: firstStart, image: "acme/data:1" });
    const { status, stderr } = await run();
    expect(status).toBe(2);
    expect(stderr).toMatch(/reyns\.ts:\d+:3: api-one: its image keeps data in the volume \/data/);
    // What is pulled first may be without it: there is nothing to pull this one from.
    const pulled = await run("run all pull=true");
    expect(pulled.stderr).toContain("acme/data:1");
    expect(pulled.stderr).not.toContain("keeps data in the volume");
    await write("2", { swarm: firstStart });
  });

  test("stops, starts and restarts", async () => {
    const following = manager.reyns("logs api follow");
    const { status, stderr } = await manager.reyns("stop api timeout=3");
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining("api-one: its tasks have 10 s to end, not 3"),
    ]);
    const isStopped = async (): Promise<boolean> => (await api())?.state === "exited";
    await until("no tasks", isStopped, 60);
    expect(await manager.must("ps")).not.toContain("api");
    expect((await following).status).toBe(0);
    const { folder, inside, env: own } = manager;
    // Of the probe, which runs on, there is nothing to read. What starts before the service is looked for is not new.
    const debug = { ...own, LOG_LEVEL: "DEBUG" };
    const again = await call(folder, "logs all follow tail=0", { inside, env: debug });
    const lookUps = (): number => again.written().match(/GET \/services\/\w+/g)?.length ?? 0;
    await until("the service is waited for", async () => lookUps() >= 2, 60);
    await manager.must("start api");
    await runs(2);
    await manager.must("stop api");
    await manager.must("start api");
    await runs(2);
    const shown = (): number => again.written().match(/^api-one .*\bup /gm)?.length ?? 0;
    await until("the lines of both starts", async () => shown() === 4, 60);
    again.interrupt();
    await again.output;
    await manager.must("restart api");
    await runs(2, "completed");
  });

  test("runs on the other node when its own dies", async () => {
    await worker.kill();
    const moved = async (): Promise<boolean> =>
      (await allTasks(manager)).length === 2 && (await api())?.ready === true;
    await until("both tasks on the manager", moved, 120);
  });

  test("keeps its tasks, or gets them back, when the container in its place fails", async () => {
    const states = [
      ["ports: []", "serves on"],
      ['ports: ["18080:80"]', "serves again"],
    ] as const;
    for (const [ports, state] of states) {
      await write("2", { swarm: `${firstStart.replace("replicas: 2", "replicas: 1")}, ${ports}` });
      expect((await run()).status).toBe(0);
      await until("one task", async () => (await tasksOn(manager)).length === 1, 60);
      const before = await tasksOn(manager);
      await write("4", { begin: "exit 3; ", swarm: ports });
      const { status, stderr } = await run();
      expect(status).toBe(1);
      expect(stderr).toContain(`the former service of api-one ${state};`);
      await runs(1);
      const isSame = (await tasksOn(manager)).every((id) => before.includes(id));
      expect(isSame).toBe(state === "serves on");
      expect(await on(manager, "ps", "--all", "--format", "{{.Names}}")).not.toMatch(/api-one$/m);
    }
  });

  test("becomes a container, and is gone as a service with all that it had", async () => {
    await write("4");
    expect((await run()).status).toBe(0);
    expect((await api())?.tasks).toBeUndefined();
    expect(await on(manager, "service", "ls", "--quiet")).toBe("");
    await write("5", { swarm: "swarm: {}", begin: "exit 3; " });
    const { status, stderr } = await run();
    expect(status).toBe(1);
    expect(stderr).toContain("the former container of api-one runs again");
    expect(await lines()).toEqual(Array(2).fill(`up 4 {{one}} as ${secret} with configured`));
    expect(await swarmObjects(manager)).toEqual([]);
    await write("5", { swarm: "swarm: {}" });
    expect((await run()).status).toBe(0);
    await runs(1);
    await manager.must("clean all force=true");
    expect(await swarmObjects(manager)).toEqual([]);
    expect(await on(manager, "network", "ls", "--format", "{{.Name}}")).not.toContain("mesh");
  });
});
