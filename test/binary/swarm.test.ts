import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../engine/support/images-container.ts";
import { addressesIn, define, enginePort, on, startMachines } from "./support/machines.ts";
import { type Node, type Nodes, whyNoNodes } from "./support/nodes.ts";
import { type Listed, swarmRoles, untilNoOverlay } from "./support/swarm.ts";

setDefaultTimeout(240_000);

const reason = await whyNoNodes();

const definition = `import { dns, group, link, network, node, service } from "reyns";
node("one", "unix://SOCKET", { address: "192.168.77.1" });
node("two", "tcp://192.168.77.2:${enginePort}");
node("three", "tcp://192.168.77.3:${enginePort}");
network("overlay");
const [ns, web] = [{ service: "reyns-dns", instance: "main" }, { service: "web", instance: "one" }];
const common = { image: "reyns/reyns-base", restart: "unless-stopped" };
group("one", () => dns());
group("two", () => service("web", { ...common, links: [link(ns, "dns")] }));
group("three", () => service("api", { ...common, links: [link(ns, "dns"), link(web, "page")] }));
`;

describe.skipIf(reason !== undefined)(`a swarm of nodes${reason ? `: ${reason}` : ""}`, () => {
  let nodes: Nodes<"one" | "two" | "three">;
  let one: Node;

  beforeAll(async () => {
    nodes = await startMachines(["one", "two", "three"], { isOnTcp: true });
    ({ one } = nodes.node);
    await define(one, definition);
  }, 300_000);

  afterAll(() => nodes?.[Symbol.asyncDispose](), 300_000);

  const roles = (): Promise<(string | null)[]> => swarmRoles(one);

  test("join shows what it does, and changes nothing without an answer", async () => {
    const { status, stderr } = await one.reyns("nodes join");
    expect(status).toBe(2);
    expect(stderr).toContain("one (192.168.77.1) begins a swarm, as a manager\n");
    expect(stderr).toContain("three (192.168.77.3) joins the swarm as a manager\n");
    expect(await roles()).toEqual([null, null, null]);
  });

  test("a run needs the swarm that its network is to go over", async () => {
    const { status, stderr } = await one.reyns("run all");
    expect(status).toBe(1);
    expect(stderr).toContain('one, two, three: in no Docker Swarm, over which network("overlay")');
    expect(stderr).toContain("reyns nodes join");
    expect(await on(one, "ps", "--quiet")).toBe("");
  });

  test("join makes a swarm with three managers, once, and shows no token", async () => {
    const env = { LOG_LEVEL: "DEBUG" };
    const { status, stdout, stderr } = await one.reyns("nodes join yes=true", { env });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(await roles()).toEqual(["manager", "manager", "manager"]);
    expect(await one.must("nodes")).toMatch(/^three +ready .* manager /m);
    const members = (await on(one, "node", "ls", "--quiet")).split("\n");
    const shown = stdout + stderr + (await on(one, "node", "inspect", ...members));
    for (const role of ["worker", "manager"]) {
      const token = await on(one, "swarm", "join-token", "--quiet", role);
      const [, , , secret = ""] = token.split("-");
      expect(secret.length).toBeGreaterThan(20);
      expect(shown).not.toContain(secret);
    }
    expect(JSON.parse(await one.must("nodes join json"))).toEqual({ changes: [] });
  });

  /** What a name resolves to in an instance. */
  const addressesOf = async (name: string, service: string): Promise<string[]> => {
    const line = ["shell", service, "one", "--", "getent", "ahostsv4", name];
    return addressesIn((await one.reyns(line)).stdout);
  };

  test("instances find and reach each other across machines with nothing published", async () => {
    await one.must("run all");
    const shown = JSON.parse(await one.must("ps json")) as Listed[];
    expect(shown.flatMap(({ ports }) => ports).filter(({ host }) => host !== null)).toEqual([]);
    const of = (service: string): string =>
      shown.find((instance) => instance.service === service)?.address ?? "";
    const addresses = new Set(shown.map(({ address }) => address));
    expect(addresses.size).toBe(5);
    expect(await addressesOf("web-one", "api")).toEqual([of("web")]);
    expect(await addressesOf("page", "api")).toEqual([of("web")]);
    expect(await addressesOf("api", "web")).toEqual([of("api")]);
    expect(await one.must(["ssh", "api", "one", "--", "ssh", "web-one", "hostname"])).toBe(
      "web-one",
    );
    const network = await on(one, "network", "ls", "--filter", "scope=swarm", "--quiet");
    expect(network.split("\n").length).toBe(2);
  });

  test("a second run changes nothing, and a replaced instance keeps its address", async () => {
    expect(JSON.parse(await one.must("plan json"))).toMatchObject({ actions: [] });
    const before = await addressesOf("web-one", "api");
    await one.must("run web recreate=true node=two");
    expect(await addressesOf("web-one", "api")).toEqual(before);
  });

  test("a machine that loses power comes back to its address and its names", async () => {
    const [before] = await addressesOf("web-one", "api");
    await nodes.node.two.kill();
    await nodes.node.two.start();
    await one.must("start all");
    const isBack = async (): Promise<boolean> =>
      Bun.deepEquals(await addressesOf("web", "api"), [before]);
    await until("the names of web", isBack);
    await one.must("run all");
    const hostname = async (): Promise<boolean> =>
      (await one.reyns(["ssh", "api", "one", "--", "ssh", "web-one", "hostname"])).stdout ===
      "web-one\n";
    await until("the way to web", hostname);
  });

  test("clean removes the network once nothing is left in it on any machine", async () => {
    await one.must("clean web force=true");
    await one.must("clean all force=true");
    await untilNoOverlay(one, 30);
  });

  test("a machine that has lost its place in the swarm joins again", async () => {
    await on(nodes.node.two, "swarm", "leave", "--force");
    const isDown = async (): Promise<boolean> =>
      (await on(one, "node", "ls", "--format", "{{.Status}}")).includes("Down");
    await until("the end of the former place of two", isDown, 180);
    const done = JSON.parse(await one.must("nodes join yes=true json")) as unknown;
    expect(done).toMatchObject({
      changes: [
        { node: "two", change: "forget" },
        { node: "two", change: "join", role: "manager" },
      ],
    });
    expect(await roles()).toEqual(["manager", "manager", "manager"]);
    const members = await on(one, "node", "ls", "--quiet");
    expect(members.split("\n")).toHaveLength(3);
  });

  test("a machine that is off is named before anything changes", async () => {
    await nodes.node.three.setLink("down");
    try {
      const { status, stderr } = await one.reyns("nodes leave yes=true");
      expect(status).toBe(3);
      expect(stderr).toContain("three: ");
      expect(stderr).toContain("to go on without it, add partial=true");
    } finally {
      await nodes.node.three.setLink("up");
    }
  });

  test("leave refuses while a network of the swarm is there, then undoes what join did", async () => {
    // The managers may still be choosing a leader, now that the third is back.
    const words = ["network", "create", "--driver", "overlay", "--attachable", "used"];
    await until("the network", () => on(one, ...words).catch(() => ""));
    const refused = await one.reyns("nodes leave yes=true");
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("the swarm is in use by the network used");
    await on(one, "network", "rm", "used");
    const secret = await on(one, "secret", "create", "kept", join(one.folder, "reyns.ts"));
    const { status, stderr } = await one.reyns("nodes leave yes=true");
    expect(status).toBe(1);
    expect(stderr).toContain("the swarm is in use by the secret kept");
    await on(one, "secret", "rm", secret);
    await one.must("nodes leave yes=true");
    expect(await roles()).toEqual([null, null, null]);
    expect(JSON.parse(await one.must("nodes leave json"))).toEqual({ changes: [] });
  });

  test("join leaves a machine alone that got into another swarm during the question", async () => {
    const { two } = nodes.node;
    await using terminal = await one.terminal();
    await terminal.type("reyns nodes join");
    await terminal.see("Make a Docker Swarm of these machines?");
    await on(two, "swarm", "init", "--advertise-addr", two.address);
    await terminal.press("y");
    await terminal.see("the swarm has changed meanwhile; nothing was done");
    expect(await roles()).toEqual([null, "manager", null]);
    await on(two, "swarm", "leave", "--force");
  });

  /** Takes away the label with which a node is marked as joined. */
  const unmark = async (): Promise<void> => {
    const id = await on(one, "info", "--format", "{{.Swarm.NodeID}}");
    await on(one, "node", "update", "--label-rm", "io.reyns.project", id);
  };

  test("join takes up what a call that was killed has begun", async () => {
    await one.must("nodes join yes=true");
    await unmark();
    const record = [{ node: "one", address: one.address }];
    await writeFile(join(one.folder, ".reyns/joins.json"), JSON.stringify(record));
    expect(JSON.parse(await one.must("nodes join yes=true json"))).toMatchObject({
      changes: [{ node: "one", change: "mark" }],
    });
    await one.must("nodes leave yes=true");
    expect(await roles()).toEqual([null, null, null]);
  });

  test("join lets machines into a swarm that is there, and leave takes only those out", async () => {
    const address = "192.168.77.1";
    await on(one, "swarm", "init", "--advertise-addr", address);
    await one.must("nodes join yes=true");
    expect(await roles()).toEqual(["manager", "manager", "manager"]);
    const { status, stderr } = await one.reyns("nodes leave yes=true");
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stderr).toContain("one: left as it is, because nodes join");
    expect(await roles()).toEqual(["manager", null, null]);
    await one.must("nodes leave foreign=true yes=true");
    expect(await roles()).toEqual([null, null, null]);
  });

  test("a member is left alone, and named, when the record of the call that made it is deleted", async () => {
    await one.must("nodes join yes=true");
    await unmark();
    await rm(join(one.folder, ".reyns/joins.json"), { force: true });
    expect(JSON.parse(await one.must("nodes join yes=true json"))).toEqual({ changes: [] });
    const { status, stderr } = await one.reyns("nodes leave yes=true");
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stderr).toContain("one: left as it is, because nodes join");
    expect(await roles()).toEqual(["manager", null, null]);
    await one.must("nodes leave foreign=true yes=true");
    expect(await roles()).toEqual([null, null, null]);
  });

  test("leave with foreign=true takes machines out of several swarms, one swarm a call", async () => {
    const { two, three } = nodes.node;
    for (const node of [one, two])
      await on(node, "swarm", "init", "--advertise-addr", node.address);
    const token = await on(two, "swarm", "join-token", "--quiet", "worker");
    await on(three, "swarm", "join", "--token", token, `${two.address}:2377`);
    const joined = await one.reyns("nodes join yes=true");
    expect(joined.status).toBe(1);
    expect(joined.stderr).toContain("two, three: in another swarm than one");
    const first = await one.reyns("nodes leave foreign=true yes=true");
    expect(first).toMatchObject({ status: 0 });
    expect(first.stderr).toContain("two, three: left as it is: no member of the swarm of one");
    expect(await roles()).toEqual([null, "manager", "worker"]);
    const second = await one.reyns("nodes leave foreign=true yes=true");
    expect(second).toMatchObject({ status: 0, stderr: expect.not.stringContaining("left as it") });
    expect(await roles()).toEqual([null, null, null]);
  });
});
