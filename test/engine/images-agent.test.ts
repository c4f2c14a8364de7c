import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import { must, temporaryFolder, until, untilLogged } from "./support/images-container.ts";
import { fieldOf, quick, startZone, type Zone } from "./support/images-zone.ts";

// Containers take their time on a busy machine.
setDefaultTimeout(240_000);

let zone: Zone;

beforeAll(async () => {
  zone = await startZone();
}, 300_000);

afterEach(() => zone.removeStarted());

afterAll(() => zone?.[Symbol.asyncDispose]());

describe("an instance", () => {
  test("registers itself, and is gone when stop returns", async () => {
    const one = await zone.start("self", "one", { env: { HOST_HOSTNAME: "alpha" } });
    await zone.leadsTo("self-one", one.address);
    expect((await one.exec("pgrep", "-x", "agent")).status).toBe(0);
    await zone.leadsBack(one.address, "self-one.local.zone");
    const lease = await zone.lease("self-one");
    expect(lease.map((text) => text.replace(/\d{10}$|[0-9a-f]{16}$/, "…"))).toEqual([
      "v=1",
      "id=…",
      expect.stringMatching(/^seq=\d+$/),
      "service=self",
      "instance=one",
      `address=${one.address}`,
      "policy=REPLACE",
      "generation=…",
      "node=alpha",
      "since=…",
    ]);
    await zone.leadsTo("self", one.address);
    await must("docker", "stop", "--time", "60", one.id);
    expect(await zone.resolve("self-one")).toBe("");
    expect(await zone.resolve("self")).toBe("");
    expect(await zone.pointer(one.address)).toBe("");
    expect(await zone.lease("self-one")).toEqual([]);
  });

  test("takes out its pointer itself, though its child ends while it waits for answers", async () => {
    // The reaper would heal what an agent leaves: it looks too seldom for that.
    await using seldom = await startZone({ ...quick, DNS_REAP: "60" });
    const several = await Promise.all(
      ["1", "2", "3", "4", "5", "6"].map((name) => seldom.start("leaving", name)),
    );
    const pointers = (): Promise<string[]> =>
      Promise.all(several.map(({ address }) => seldom.pointer(address)));
    await until("the pointers", async () => (await pointers()).every((name) => name !== ""));
    for (const { id } of several) await must("docker", "stop", id);
    expect((await pointers()).filter((name) => name !== "")).toEqual([]);
  });

  test("of a Swarm service has names once its health check passes", async () => {
    const env = { REYNS_HEALTH_CHECK: "test -e /healthy # made below" };
    const one = await zone.start("checked", "one", { env });
    const ended = await zone.start("checked", "two", { env });
    const control = await zone.start("control", "one");
    await zone.leadsTo("control", control.address);
    expect(await zone.resolve("checked")).toBe("");
    await one.exec("touch", "/healthy");
    await zone.leadsTo("checked-one", one.address);
    await zone.leadsTo("checked", one.address);
    await must("docker", "stop", "--time", "60", ended.id);
    await must("docker", "stop", "--time", "60", one.id);
    expect(await zone.resolve("checked")).toBe("");
  });

  test("passes signals on while a health check takes long, and notices its own end", async () => {
    const env = { REYNS_HEALTH_CHECK: "touch /checking; sleep 1000", REYNS_HEALTH_TIMEOUT: "1000" };
    const command = ["bash", "-c", "trap 'exit 5' QUIT; while :; do sleep 0.05; done"];
    const one = await zone.start("slow-check", "one", { env, command });
    const isChecking = async () => (await one.exec("test", "-e", "/checking")).status === 0;
    await until("the check", isChecking);
    await must("docker", "kill", "--signal", "QUIT", one.id);
    expect(await one.wait()).toBe(5);
  });

  test("goes with its lease when it is killed", async () => {
    const one = await zone.start("killed", "one");
    await zone.leadsTo("killed", one.address);
    await must("docker", "kill", one.id);
    await zone.leadsTo("killed");
    await zone.leadsTo("killed-one");
    await zone.leadsBack(one.address, "");
  });

  test("goes when its seed command ends, whose status is the container's", async () => {
    const command = ["bash", "-c", "until [ -e /go ]; do sleep 0.1; done; exit 7"];
    const one = await zone.start("crash", "one", { command });
    await zone.leadsTo("crash", one.address);
    await one.exec("touch", "/go");
    expect(await one.wait()).toBe(7);
    await zone.leadsTo("crash");
  });

  test.each([
    ["SIGKILL of the seed", "kill -9 $$", 137],
    ["SIGTERM caught", "trap 'exit 5' TERM; kill -TERM $PPID; while :; do sleep 0.05; done", 5],
    ["SIGUSR1 caught", "trap 'exit 6' USR1; kill -USR1 $PPID; while :; do sleep 0.05; done", 6],
  ])("passes signals and the end on: %s", async (_, script, status) => {
    const one = await zone.start("signal", "one", { command: ["bash", "-c", script] });
    expect(await one.wait()).toBe(status);
  });

  test("keeps its lease while a prestartup script takes long", async () => {
    await using folder = await temporaryFolder();
    await Bun.write(`${folder.path}/slow.sh`, "until [ -e /go ]; do sleep 0.1; done");
    const one = await zone.start("slow", "one", { mounts: { [folder.path]: "/prestartup" } });
    await zone.leadsTo("slow", one.address);
    const first = await zone.lease("slow-one");
    await until("renewals", async () => {
      const last = await zone.lease("slow-one");
      expect(fieldOf(last, "id")).toBe(fieldOf(first, "id"));
      return Number(fieldOf(last, "seq")) > Number(fieldOf(first, "seq")) + 5;
    });
    expect(await one.logs()).not.toContain("reyns: ready");
    await one.exec("touch", "/go");
    await untilLogged(one, "reyns: ready");
  });

  test("goes with its network, and comes back with it", async () => {
    const one = await zone.start("cut", "one", { address: zone.at(60) });
    await zone.leadsTo("cut", one.address);
    await must("docker", "network", "disconnect", zone.network, one.id);
    await zone.leadsTo("cut");
    await must("docker", "network", "connect", "--ip", zone.at(60), zone.network, one.id);
    await zone.leadsTo("cut", zone.at(60));
    // The zone answers before the agent has written its line.
    await untilLogged(one, "cut-one is registered with the DNS");
  });

  test("is corrected when it has another address", async () => {
    const one = await zone.start("moved", "one", { address: zone.at(70) });
    await zone.leadsTo("moved", zone.at(70));
    await must("docker", "network", "disconnect", zone.network, one.id);
    await must("docker", "network", "connect", "--ip", zone.at(71), zone.network, one.id);
    await zone.leadsTo("moved", zone.at(71));
    await zone.leadsTo("moved-one", zone.at(71));
    await zone.leadsBack(zone.at(71), "moved-one.local.zone");
    await zone.leadsBack(zone.at(70), "");
  });

  test.each([34_560_000, -34_560_000])(
    "may have a clock that is %d seconds wrong",
    async (offset) => {
      const one = await zone.start("clock", "one", { env: { REYNS_CLOCK_OFFSET: `${offset}` } });
      await zone.leadsTo("clock", one.address);
      await must("docker", "stop", "--time", "60", one.id);
      await zone.leadsTo("clock");
    },
  );

  test("of a name that another one takes waits until that goes", async () => {
    const first = await zone.start("same", "one");
    await zone.leadsTo("same-one", first.address);
    const second = await zone.start("same", "one");
    await zone.leadsTo("same-one", second.address);
    await untilLogged(first, "another instance now uses the name same-one");
    expect(fieldOf(await zone.lease("same-one"), "address")).toBe(second.address);
    await must("docker", "stop", second.id);
    await zone.leadsTo("same-one", first.address);
    await zone.leadsTo("same", first.address);
  });
});

describe("nothing is registered", () => {
  test.each([
    ["HIDE", { DNS_UPDATE_POLICY: "HIDE" }],
    ["no DNS", { DNS_SERVICE_IP: "" }],
    ["no name", { INSTANCE: "" }],
  ])("with %s, and no agent stays", async (_, env) => {
    const one = await zone.start("hidden", "one", { env });
    await untilLogged(one, "reyns: ready");
    await until(
      "the end of the agent",
      async () => (await one.exec("pgrep", "-x", "agent")).status === 1,
    );
    expect(await zone.lease("hidden-one")).toEqual([]);
  });

  test.each([
    [{ INSTANCE: "a_b" }, "'a_b' is not a valid DNS name"],
    [{ INSTANCE: "x".repeat(60) }, "is not a valid DNS name"],
    [{ SERVICE_IP: "10.0.0.300" }, "cannot register '10.0.0.300': not an IPv4 address"],
    [{ DNS_SERVICE_IP: "names" }, "DNS_SERVICE_IP is not an IPv4 address: 'names'"],
  ])("with %p, which is said", async (env, line) => {
    const one = await zone.start("wrong", "one", { env });
    await untilLogged(one, line);
    await untilLogged(one, "reyns: ready");
    await must("docker", "stop", "--time", "60", one.id);
  });
});

describe("the name of a service", () => {
  test("REPLACE: leads to the newest, and back to the one before when that goes", async () => {
    const first = await zone.start("replace", "one");
    await zone.leadsTo("replace", first.address);
    const second = await zone.start("replace", "two");
    await zone.leadsTo("replace", second.address);
    await zone.leadsTo("replace-one", first.address);
    await must("docker", "stop", second.id);
    await zone.leadsTo("replace", first.address);
  });

  test("APPEND: leads to all, and one with REPLACE after them is the only one", async () => {
    const env = { DNS_UPDATE_POLICY: "APPEND" };
    const first = await zone.start("append", "one", { env });
    const second = await zone.start("append", "two", { env });
    await zone.leadsTo("append", first.address, second.address);
    const third = await zone.start("append", "three");
    await zone.leadsTo("append", third.address);
    const fourth = await zone.start("append", "four", { env });
    await zone.leadsTo("append", third.address, fourth.address);
    await must("docker", "kill", third.id, fourth.id);
    await zone.leadsTo("append", first.address, second.address);
    await must("docker", "stop", first.id, second.id);
    await zone.leadsTo("append");
  });

  test("several at one SERVICE_IP: it stays until the last one goes", async () => {
    const env = { DNS_UPDATE_POLICY: "APPEND", SERVICE_IP: "10.9.8.7" };
    const first = await zone.start("shared", "one", { env });
    await zone.leadsTo("shared-one", "10.9.8.7");
    const second = await zone.start("shared", "two", { env });
    await zone.leadsTo("shared-two", "10.9.8.7");
    await must("docker", "stop", second.id);
    expect(await zone.resolve("shared")).toBe("10.9.8.7");
    await zone.leadsBack("10.9.8.7", "shared-one.local.zone");
    await must("docker", "stop", first.id);
    await zone.leadsTo("shared");
    await zone.leadsBack("10.9.8.7", "");
  });
});
