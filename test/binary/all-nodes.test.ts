import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../engine/support/images-container.ts";
import { testImages } from "./support/all-nodes-images.ts";
import { on } from "./support/machines.ts";
import { type Node, whyNoNodes } from "./support/nodes.ts";
import { idsOfImage, startTwoMachines, type TwoMachines } from "./support/two-machines.ts";

setDefaultTimeout(240_000);

const reason = await whyNoNodes();

describe.skipIf(reason !== undefined)(`node()${reason ? `: ${reason}` : ""}`, () => {
  let machines: TwoMachines;
  let first: Node;
  let second: Node;

  beforeAll(async () => {
    machines = await startTwoMachines();
    ({ first, second } = machines);
  }, 300_000);

  afterAll(() => machines?.[Symbol.asyncDispose](), 300_000);

  test("nodes asks the Engine of each", async () => {
    const states = JSON.parse(await first.must("nodes json")) as Record<string, unknown>[];
    expect(states).toMatchObject([
      { name: "first", address: "192.168.77.1", reachable: true, os: "linux", running: 0 },
      { name: "second", address: "192.168.77.2", reachable: true, os: "linux", running: 0 },
    ]);
    // It is one clock.
    expect(states.map(({ clockDifference }) => clockDifference)).toEqual([0, 0]);
    expect(await first.must("nodes")).toMatch(/^second +ready +192\.168\.77\.2 +ssh:/m);
  });

  test("a run refuses where a machine is off, before anything changes", async () => {
    await second.setLink("down");
    const { status, stderr } = await first.reyns("run all");
    await machines.reconnect();
    expect(status).toBe(3);
    expect(stderr).toContain("error second: ");
    expect(stderr).toContain("partial=true");
    for (const node of [first, second]) expect(await on(node, "ps", "-aq")).toBe("");
  });

  test("plan shows what happens on which machine", async () => {
    const plan = await first.must("plan");
    expect(plan).toMatch(/^\+ create +second: shell-one /m);
    expect(plan).toMatch(/^\+ build +first: \S+\/shell /m);
    expect(plan).toMatch(/^\+ send +second: \S+\/shell /m);
  });

  test("an address that a machine does not have is named before anything starts", async () => {
    const file = join(first.folder, "host.conf");
    const moved = { endpoint: "ssh://root@192.168.77.2", address: "192.168.77.22" };
    await writeFile(file, JSON.stringify({ nodes: { second: moved } }), { mode: 0o600 });
    const { stderr } = await first.reyns("plan");
    await rm(file);
    expect(stderr).toContain("talk-one: SERVICE_IP, 192.168.77.22, is no address of its machine");
    expect((await first.reyns("plan")).stderr).not.toContain("is no address of its machine");
  });

  test("a run starts all machines' instances, asks for no address, and names resolve across", async () => {
    const { status, stderr } = await first.reyns("run all");
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    const order = ["first: reyns-dns-main ready", "first: web-one ready", "second: talk-one ready"];
    const places = order.map((line) => stderr.indexOf(line));
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(places).not.toContain(-1);
    const names = "getent hosts web-one.local.zone page; cat /version";
    const found = await first.must(["shell", "shell", "--", names]);
    expect(found).toBe(
      [`${first.address}    web-one.local.zone`, `${first.address}    page`, "1"].join("\n"),
    );
    expect(await idsOfImage(first)).toBe(await idsOfImage(second));
    const before = await Promise.all([first, second].map((node) => on(node, "ps", "-aq")));
    const again = await first.reyns("run all");
    expect(again.stderr).toContain("up to date: reyns-dns-main, web-one, shell-one, talk-one\n");
    const after = await Promise.all([first, second].map((node) => on(node, "ps", "-aq")));
    expect(after).toEqual(before);
    expect(await first.must("plan")).toBe("Nothing to do: 4 unchanged");
  });

  test("all machines together are asked no more than one after another", async () => {
    const all = await machines.requestsOf("run all");
    const alone = [
      ...(await machines.requestsOf("run all node=first")),
      ...(await machines.requestsOf("run all node=second")),
    ];
    expect(alone).toEqual(expect.arrayContaining(all));
    expect(all.length).toBeLessThanOrEqual(alone.length);
  });

  testImages(() => machines);

  test("commands about instances act on all machines, or on those that are named", async () => {
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
    expect(await first.must("logs all tail=5")).toMatch(/^talk-one +\| hello$/m);
    await first.must("kill shell signal=CONT");
    expect(await first.must("info shell")).toMatch(/^node +second$/m);
  });

  test("what works on one Engine is refused before anything changes", async () => {
    const calls = { "test copy=demo": "test", "plan out=x.plan": "out=" };
    for (const [call, what] of Object.entries(calls)) {
      const { status, stderr } = await first.reyns(call);
      expect(status).not.toBe(0);
      expect(stderr).toContain(`${what} works on one Engine`);
    }
  });

  test("one more instance starts on the only machine that has its service, and is replaced there", async () => {
    await first.must("run web three new=true");
    await first.must("rerun web three");
    const listed = JSON.parse(await first.must("ps web json")) as Record<string, unknown>[];
    expect(listed.map(({ instance, node }) => [instance, node])).toEqual([
      ["one", "first"],
      ["three", "first"],
    ]);
    await first.must("clean web three");
    for (const call of ["run web four new=true node=second", "run web node=second"]) {
      const { status, stderr } = await first.reyns(call);
      expect(status).not.toBe(0);
      expect(stderr).toContain("web is on none of the machines of this call: second");
      expect(stderr).toContain("it belongs on first");
    }
  });

  test("logs follow an instance of another machine over its restart", async () => {
    const following = await machines.begin("logs talk follow");
    await until("a line", async () => following.written().includes("hello"));
    await first.must("restart talk");
    await first.must("stop talk");
    const { status, stdout } = await following.output;
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
    const isFound = async (): Promise<boolean> =>
      (await first.reyns("dns talk-one")).stdout.includes(second.address);
    await until("its name", isFound);
  });

  test("a machine that is off is named before anything changes; partial goes on without it", async () => {
    await second.setLink("down");
    const refused = await first.reyns("stop all");
    const signalled = await first.reyns("kill web signal=CONT");
    const planned = await first.reyns("plan");
    const listed = await first.reyns("ps");
    const partial = await first.reyns("stop web partial=true");
    const run = await first.reyns("run all partial=true");
    await machines.reconnect();
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain("error second: ");
    expect(refused.stderr).toContain("partial=true");
    expect(signalled.status).toBe(3);
    expect(signalled.stderr).toContain("partial=true");
    expect(planned.status).toBe(1);
    expect(planned.stderr).toContain("warning second: ");
    expect(listed.status).toBe(1);
    expect(listed.stdout).toMatch(/^web +one +first +running/m);
    expect(listed.stderr).toContain("warning second: ");
    expect(partial.status).toBe(1);
    expect(partial.stderr).toContain("first: web-one stopped");
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("first: web-one ready");
    await first.must("start all");
  });

  test("clean removes everything from all machines", async () => {
    expect(await first.must("volumes")).toMatch(/^kept +second +talk-one /m);
    expect((await first.reyns("volumes remove kept")).stderr).toContain("talk-one uses the volume");
    await first.must("clean all force=true");
    expect(JSON.parse(await first.must("volumes remove unused=true yes=true json"))).toHaveLength(
      1,
    );
    expect(await first.must("volumes")).toBe("");
    for (const node of [first, second]) {
      expect(await on(node, "ps", "-aq")).toBe("");
      expect(await on(node, "network", "ls", "-q", "--filter", "label=io.reyns.folder")).toBe("");
    }
  });

  test("the same call ends what killed ones have begun, and nothing is there twice", async () => {
    await machines.setVersion("4", "RUN head -c 20000000 /dev/urandom > /large\nRUN sleep 3\n");
    const moments = [/shell building/, /shell built/, /reyns-dns-main ready/, /web-one ready/];
    for (const moment of moments) {
      const going = await machines.begin("run all build=true");
      await until(String(moment), async () => moment.test(going.written()));
      going.kill("SIGKILL");
      await going.output;
    }
    await first.must("run all build=true");
    expect(await first.must(["shell", "shell", "--", "cat /version"])).toBe("4");
    expect(await idsOfImage(first)).toBe(await idsOfImage(second));
    const format = '{{.State}} {{.Label "io.reyns.service"}} {{.Label "io.reyns.instance"}}';
    const lists = [first, second].map((node) => on(node, "ps", "-a", "--format", format));
    const [here = [], there = []] = (await Promise.all(lists)).map((list) => list.split("\n"));
    expect(here).toEqual(expect.arrayContaining(["running reyns-dns main", "running web one"]));
    expect(there).toEqual(expect.arrayContaining(["running shell one", "running talk one"]));
    for (const list of [here, there]) expect(list).toEqual([...new Set(list)]);
    // It mounts the layers that are sent.
    expect(await on(first, "ps", "-aq", "--filter", "name=reyns-source-")).toBe("");
    await first.must("clean all force=true");
  });

  test("nodes names a machine that is off, beside what the others answer", async () => {
    await second.setLink("down");
    const { status, stdout, stderr } = await first.reyns("nodes");
    await machines.reconnect();
    expect(status).toBe(1);
    expect(stdout).toMatch(/^first +ready/m);
    expect(stdout).toMatch(/^second +unreachable/m);
    expect(stderr).toContain(`second: `);
    expect(stderr).toContain("ssh://root@192.168.77.2");
  });
});
