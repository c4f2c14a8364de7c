import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import { must, temporaryFolder, until } from "./support/images-container.ts";
import { quick, startZone, type Zone } from "./support/images-zone.ts";

// Containers take their time on a busy machine.
setDefaultTimeout(240_000);

let zone: Zone;

beforeAll(async () => {
  zone = await startZone();
}, 300_000);

afterEach(() => zone.removeStarted());

afterAll(() => zone?.[Symbol.asyncDispose]());

/** Polls until the name has exactly these addresses. */
async function resolves(name: string, ...addresses: string[]): Promise<void> {
  const wanted = addresses.toSorted().join(" ");
  await until(`${name} -> "${wanted}"`, async () => (await zone.resolve(name)) === wanted);
}

const field = (lease: readonly string[], name: string): string | undefined =>
  lease.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1);

describe("an instance", () => {
  test("registers itself, and is gone when stop returns", async () => {
    const one = await zone.start("self", "one", { env: { HOST_HOSTNAME: "alpha" } });
    await resolves("self-one", one.address);
    expect((await one.exec("pgrep", "-x", "agent")).status).toBe(0);
    await until(
      "the pointer",
      async () => (await zone.pointer(one.address)) === "self-one.local.zone",
    );
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
    await resolves("self", one.address);
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
    await resolves("control", control.address);
    expect(await zone.resolve("checked")).toBe("");
    await one.exec("touch", "/healthy");
    await resolves("checked-one", one.address);
    await resolves("checked", one.address);
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
    await resolves("killed", one.address);
    await must("docker", "kill", one.id);
    await resolves("killed");
    await resolves("killed-one");
    await until("no pointer", async () => (await zone.pointer(one.address)) === "");
  });

  test("goes when its seed command ends, whose status is the container's", async () => {
    const command = ["bash", "-c", "until [ -e /go ]; do sleep 0.1; done; exit 7"];
    const one = await zone.start("crash", "one", { command });
    await resolves("crash", one.address);
    await one.exec("touch", "/go");
    expect(await one.wait()).toBe(7);
    await resolves("crash");
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
    await resolves("slow", one.address);
    const first = await zone.lease("slow-one");
    await until("renewals", async () => {
      const last = await zone.lease("slow-one");
      expect(field(last, "id")).toBe(field(first, "id"));
      return Number(field(last, "seq")) > Number(field(first, "seq")) + 5;
    });
    expect(await one.logs()).not.toContain("reyns: ready");
    await one.exec("touch", "/go");
    await until("ready", async () => (await one.logs()).includes("reyns: ready"));
  });

  test("goes with its network, and comes back with it", async () => {
    const one = await zone.start("cut", "one", { address: zone.at(60) });
    await resolves("cut", one.address);
    await must("docker", "network", "disconnect", zone.network, one.id);
    await resolves("cut");
    await must("docker", "network", "connect", "--ip", zone.at(60), zone.network, one.id);
    await resolves("cut", zone.at(60));
    // The zone answers before the agent has written its line.
    await until("the log", async () =>
      (await one.logs()).includes("cut-one is registered with the DNS"),
    );
  });

  test("is corrected when it has another address", async () => {
    const one = await zone.start("moved", "one", { address: zone.at(70) });
    await resolves("moved", zone.at(70));
    await must("docker", "network", "disconnect", zone.network, one.id);
    await must("docker", "network", "connect", "--ip", zone.at(71), zone.network, one.id);
    await resolves("moved", zone.at(71));
    await resolves("moved-one", zone.at(71));
    await until(
      "the pointer",
      async () => (await zone.pointer(zone.at(71))) === "moved-one.local.zone",
    );
    await until("no old one", async () => (await zone.pointer(zone.at(70))) === "");
  });

  test.each([34_560_000, -34_560_000])(
    "may have a clock that is %d seconds wrong",
    async (offset) => {
      const one = await zone.start("clock", "one", { env: { REYNS_CLOCK_OFFSET: `${offset}` } });
      await resolves("clock", one.address);
      await must("docker", "stop", "--time", "60", one.id);
      await resolves("clock");
    },
  );

  test("of a name that another one takes waits until that goes", async () => {
    const first = await zone.start("same", "one");
    await resolves("same-one", first.address);
    const second = await zone.start("same", "one");
    await resolves("same-one", second.address);
    await until("the line", async () =>
      (await first.logs()).includes("another instance now uses the name same-one"),
    );
    expect(field(await zone.lease("same-one"), "address")).toBe(second.address);
    await must("docker", "stop", second.id);
    await resolves("same-one", first.address);
    await resolves("same", first.address);
  });
});

describe("nothing is registered", () => {
  test.each([
    ["HIDE", { DNS_UPDATE_POLICY: "HIDE" }],
    ["no DNS", { DNS_SERVICE_IP: "" }],
    ["no name", { INSTANCE: "" }],
  ])("with %s, and no agent stays", async (_, env) => {
    const one = await zone.start("hidden", "one", { env });
    await until("the start", async () => (await one.logs()).includes("reyns: ready"));
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
    await until("the line", async () => (await one.logs()).includes(line));
    await until("the start", async () => (await one.logs()).includes("reyns: ready"));
    await must("docker", "stop", "--time", "60", one.id);
  });
});

describe("the name of a service", () => {
  test("REPLACE: leads to the newest, and back to the one before when that goes", async () => {
    const first = await zone.start("replace", "one");
    await resolves("replace", first.address);
    const second = await zone.start("replace", "two");
    await resolves("replace", second.address);
    await resolves("replace-one", first.address);
    await must("docker", "stop", second.id);
    await resolves("replace", first.address);
  });

  test("APPEND: leads to all, and one with REPLACE after them is the only one", async () => {
    const env = { DNS_UPDATE_POLICY: "APPEND" };
    const first = await zone.start("append", "one", { env });
    const second = await zone.start("append", "two", { env });
    await resolves("append", first.address, second.address);
    const third = await zone.start("append", "three");
    await resolves("append", third.address);
    const fourth = await zone.start("append", "four", { env });
    await resolves("append", third.address, fourth.address);
    await must("docker", "kill", third.id, fourth.id);
    await resolves("append", first.address, second.address);
    await must("docker", "stop", first.id, second.id);
    await resolves("append");
  });

  test("several at one SERVICE_IP: it stays until the last one goes", async () => {
    const env = { DNS_UPDATE_POLICY: "APPEND", SERVICE_IP: "10.9.8.7" };
    const first = await zone.start("shared", "one", { env });
    await resolves("shared-one", "10.9.8.7");
    const second = await zone.start("shared", "two", { env });
    await resolves("shared-two", "10.9.8.7");
    await must("docker", "stop", second.id);
    expect(await zone.resolve("shared")).toBe("10.9.8.7");
    await until(
      "the pointer",
      async () => (await zone.pointer("10.9.8.7")) === "shared-one.local.zone",
    );
    await must("docker", "stop", first.id);
    await resolves("shared");
    await until("no pointer", async () => (await zone.pointer("10.9.8.7")) === "");
  });
});
