import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { must, pauseContainer, run, until } from "../engine/support/images-container.ts";
import { canCutOff, cutOff, misled } from "./support/cut-off.ts";
import { end, says, watch } from "./support/dns-watch.ts";
import { containerIds, execIn, keeperIds } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { openRelay } from "./support/relay.ts";
import { openTerminal } from "./support/terminal.ts";

setDefaultTimeout(240_000);

const definition = `
import { dns, link, project, service } from "reyns";
project("shop");
const ns = dns();
for (const instance of ["one", "two"])
  service("reyns-base", { instance, links: [link(ns, "dns")], env: { DNS_UPDATE_POLICY: "APPEND" } });
service("ready", { instance: "only", image: "debian:bookworm-slim", init: true, command: ["sleep", "600"], links: [link(ns)] });
`;

let shop: Project;

beforeAll(async () => {
  shop = await createProject({ "reyns.ts": definition });
  await shop.must("run all");
}, 300_000);

afterAll(() => shop?.[Symbol.asyncDispose]());

const addressOf = (instance: string): Promise<string> => shop.must(`getip reyns-base ${instance}`);

async function inZone(name: string): Promise<string[]> {
  const words = ["dig", "+short", "@127.0.0.1", `${name}.local.zone`];
  return (await execIn(shop.folder, "main", ...words)).split("\n").filter(Boolean);
}

describe("reyns dns NAME asks as a service would", () => {
  const asked: [string, string[], boolean, string][] = [
    ["reyns-base-one", ["reyns-base-one.local.zone"], true, "1 address"],
    ["reyns-base", ["reyns-base.local.zone"], true, "2 addresses"],
    ["reyns-base-one.local.zone", ["reyns-base-one.local.zone"], true, "1 address"],
    ["reyns-base-one.local.zone.", ["reyns-base-one.local.zone"], true, "1 address"],
    ["nobody", ["nobody.local.zone", "nobody"], false, "NXDOMAIN"],
    [
      "reyns-base-one._lease",
      ["reyns-base-one._lease", "reyns-base-one._lease.local.zone"],
      false,
      "no address",
    ],
  ];
  test.each(asked)("%s", async (name, tried, isFound, answer) => {
    const { status, stdout } = await shop.reyns(`dns ${name}`);
    expect(status).toBe(isFound ? 0 : 1);
    expect(stdout).toStartWith(isFound ? `${name}: 1` : `${name}: not found\n`);
    expect(stdout).toMatch(/\nTRIED +ASKED +ANSWER +TIME\n/);
    const lines = stdout.split("\n").filter((line) => line.endsWith(" ms"));
    expect(lines.map((line) => line.split(" ")[0])).toEqual(tried);
    expect(lines.at(tried.length === 2 && name.includes("_") ? 1 : 0)).toContain(answer);
    expect(stdout.includes("HELD BY")).toBe(isFound);
  });

  test("an address leads to its name", async () => {
    const two = await addressOf("two");
    expect(await shop.must(`dns ${two}`)).toStartWith(`${two}: reyns-base-two.local.zone\n`);
    expect(await shop.json(`dns ${two}`)).toMatchObject({
      names: ["reyns-base-two.local.zone"],
      holders: [{ name: "reyns-base-two", policy: "APPEND" }],
    });
  });
});

test("reyns dns prints one line a name on a terminal of 80 columns", async () => {
  await using terminal = await openTerminal({ folder: shop.folder });
  const lines = (await terminal.run("reyns dns")).split("\n");
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  const first = ["NAME", "dns", "ready", "ready-only", "reyns-base", "reyns-base-one"];
  const names = [...first, "reyns-base-two", "reyns-dns", "reyns-dns-main"];
  expect(lines.map((line) => line.split(" ")[0] ?? "")).toEqual(names);
});

describe("watch", () => {
  test("removes the names of instances that die and registers those that start, until Ctrl-C", async () => {
    const watching = await watch(shop.folder);
    const [one = "none", two = "none"] = [
      ...(await containerIds(shop.folder, "one")),
      ...(await containerIds(shop.folder, "two")),
    ];
    await must("docker", "kill", two);
    await until("its names are gone", async () => (await inZone("reyns-base-two")).length === 0);
    const left = await addressOf("one");
    await until("only one is left", async () => (await inZone("reyns-base")).join() === left);
    await says(watching, "reyns-base-two died");
    await must("docker", "start", two);
    await until("its names are back", async () => (await inZone("reyns-base")).length === 2);
    await must("docker", "restart", "--time", "1", one);
    // Its agent may register it first, which prints no line; with the agent's keeper paused, the next test sees it.
    await says(watching, "reyns-base-one died");
    await until("both are there", async () => (await inZone("reyns-base")).length === 2);
    const { status, stdout, stderr } = await end(watching);
    expect(status).toBe(130);
    expect(stderr).toStartWith("watching the names of 3 instances");
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d {2}reyns-base-two died: names removed {2}\d+ ms$/m);
  });

  test("registers instances that start while the keeper is paused", async () => {
    const [keeper = "none"] = await keeperIds(shop.folder);
    await pauseContainer(keeper);
    await using _ = {
      [Symbol.asyncDispose]: async () => void (await must("docker", "unpause", keeper)),
    };
    const watching = await watch(shop.folder);
    const [ready = "none"] = await containerIds(shop.folder, "only");
    await must("docker", "kill", ready);
    await until("its names are gone", async () => (await inZone("ready-only")).length === 0);
    await must("docker", "start", ready);
    await until("its names are back", async () => (await inZone("ready-only")).length === 1);
    await says(watching, "ready-only started");
    const { status, stdout } = await end(watching);
    expect(status).toBe(130);
    expect(stdout).toMatch(/ready-only died: names removed {2}\d+ ms\n/);
    expect(stdout).toMatch(/ready-only started: names registered {2}\d+ ms\n/);
  });

  test("removes the names of instances that are dead already", async () => {
    const [two = "none"] = await containerIds(shop.folder, "two");
    await must("docker", "kill", two);
    const watching = await watch(shop.folder);
    await until("its names are gone", async () => (await inZone("reyns-base-two")).length === 0);
    expect((await end(watching)).status).toBe(130);
    await shop.must("start reyns-base two");
  });

  test("refuses a name and json", async () => {
    for (const more of ["demo", "json"])
      expect(await shop.reyns(`dns ${more} watch=true`)).toMatchObject({ status: 2 });
  });
});

describe.skipIf(!canCutOff)("where this host has no way to containers", () => {
  const env = { PATH: process.env["PATH"] ?? "" };
  const callInside = (line: string, inside = cutOff): Promise<string> =>
    shop.must(line, { inside, env });

  test("a container relays calls to the DNS", async () => {
    await callInside("rerun reyns-base two");
    expect(await inZone("reyns-base-two")).toEqual([await addressOf("two")]);
    expect(await callInside("dns")).toContain("reyns-base-two");
    expect(await callInside("dns reyns-base")).toContain("2 addresses");
    await callInside("stop reyns-base two");
    expect(await inZone("reyns-base-two")).toEqual([]);
    await callInside("start reyns-base two");
    expect(await inZone("reyns-base")).toHaveLength(2);
    const [id = "none"] = await containerIds(shop.folder, "main");
    const relays = async (): Promise<boolean> =>
      (await run(["docker", "top", id])).stdout.includes("/dev/tcp");
    await until("the end of the relays", async () => !(await relays()));
  });

  test("one process in a container relays what a call has to say", async () => {
    await using relay = await openRelay();
    const line = "rerun reyns-base*";
    await shop.must(line, { inside: cutOff, env: { ...env, DOCKER_HOST: relay.host } });
    expect(await inZone("reyns-base")).toHaveLength(2);
    const [id = "none"] = await containerIds(shop.folder, "main");
    const executed = relay.requests.filter((request) => request.includes(`/${id}/exec `));
    // Another one only after a pause, or an answer that has not come in time; there are more than twenty messages.
    expect(executed.length).toBeGreaterThan(0);
    expect(executed.length).toBeLessThan(8);
  });

  for (const [where, inside] of [
    ["a container relays calls while a DNS starts", cutOff],
    ["a container relays calls where something else answers at the address of the DNS", misled],
  ] as const)
    test(where, async () => {
      await callInside("rerun reyns-dns main", inside);
      expect(await callInside("dns reyns-dns-main", inside)).toContain("1 address");
      await shop.must("rerun reyns-base*");
    });
});

describe("reyns dns reports", () => {
  test("that this node has other keys", async () => {
    await using other = await createProject({ "reyns.ts": definition });
    await cp(join(shop.folder, ".reyns"), join(other.folder, ".reyns"), { recursive: true });
    const file = Bun.file(join(other.folder, ".reyns/keys/tsig.key"));
    const text = await file.text();
    const secret = Buffer.alloc(32, 7).toString("base64");
    await Bun.write(file, text.replace(/secret ".*"/, `secret "${secret}"`));
    const env = { DNS_SERVICE_IP: await shop.must("getip reyns-dns main") };
    const { status, stderr } = await other.reyns("dns", { env });
    expect([status, stderr]).toEqual([1, expect.stringContaining("BADSIG") as string]);
    expect(stderr).toContain("reyns keys import");
    await Bun.write(file, text);
    expect(await other.must("dns", { env })).toContain("reyns-base-one");
    // Without the right key one can still ask.
    await Bun.write(file, text.replace(/secret ".*"/, `secret "${secret}"`));
    const asked = await other.reyns("dns reyns-base", { env });
    expect(asked.stdout).toContain("2 addresses");
    expect(asked.stderr).toContain("the owner of the name is unknown");
  });

  test("that the DNS does not run, or that there is none", async () => {
    await shop.must("stop reyns-dns main");
    const stopped = await shop.reyns("dns");
    expect([stopped.status, stopped.stderr]).toEqual([
      1,
      expect.stringMatching(
        /reyns-dns-main is not running: it has exited \(\d+\)\n.*reyns start reyns-dns main/,
      ) as string,
    ]);
    await shop.must("start reyns-dns main");
    await using bare = await createProject({ "reyns.ts": 'import "reyns";\n' });
    const none = await bare.reyns("dns");
    expect([none.status, none.stderr]).toEqual([
      1,
      expect.stringContaining("no DNS of this project runs here") as string,
    ]);
    await rm(join(bare.folder, ".reyns"), { recursive: true, force: true });
  });

  test("that nothing is at its address", async () => {
    const elsewhere = "10.99.99.99";
    const { status, stderr } = await shop.reyns(
      `run reyns-base three new=true timeout=5 env=DNS_SERVICE_IP=${elsewhere}`,
    );
    await shop.must("clean reyns-base three");
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(
        `not registered in the DNS: the DNS at ${elsewhere} does not answer`,
      ) as string,
    ]);
  });

  test("that no reply came", async () => {
    await using bare = await createProject({ "reyns.ts": 'import "reyns";\n' });
    await cp(join(shop.folder, ".reyns"), join(bare.folder, ".reyns"), { recursive: true });
    const env = { DNS_SERVICE_IP: "127.0.0.254" };
    const { status, stdout } = await bare.reyns("dns demo", { env });
    expect([status, stdout]).toEqual([1, expect.stringContaining("no reply") as string]);
  });
});
