import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must, run, until } from "../engine/support/images-container.ts";
import { containerIds, execIn } from "./support/engine.ts";
import { createDemo, demoName, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

const hosts = ["demo-one", "demo-two", "reyns-dns-main"];
/** The DNS keeps the Engine's own resolver, which knows hosts but no services. */
const namesIn = {
  one: [...hosts, "demo", "reyns-dns", "dns"],
  two: [...hosts, "demo", "reyns-dns", "dns"],
  main: hosts,
};

let demo: Project;

beforeAll(async () => {
  demo = await createDemo();
  await demo.must("build all");
}, 300_000);

afterAll(() => demo?.[Symbol.asyncDispose]());

/** What a name resolves to inside an instance, as its programs see it; undefined when it does not. */
async function resolve(instance: string, name: string): Promise<string | undefined> {
  const [id = "none"] = await containerIds(demo.folder, instance);
  const { stdout } = await run(["docker", "exec", id, "getent", "ahostsv4", name]);
  return stdout.split(/\s/)[0] || undefined;
}

/** What the DNS itself says; links and the Engine's own names have no part in it. */
async function inZone(name: string): Promise<string[]> {
  const words = ["dig", "+short", "@127.0.0.1", `${name}.local.zone`];
  return (await execIn(demo.folder, "main", ...words)).split("\n").filter(Boolean);
}

async function addressOf(service: string, instance: string): Promise<string> {
  return demo.must(`getip ${service} ${instance}`);
}

test("every name resolves in every instance when run returns", async () => {
  await demo.must("run all");
  const found = await Promise.all(
    Object.entries(namesIn).flatMap(([instance, names]) =>
      names.map(async (name) => [instance, name, await resolve(instance, name)] as const),
    ),
  );
  expect(found.filter(([, , address]) => address === undefined)).toEqual([]);
  expect(await inZone("demo-one")).toEqual([await addressOf("demo", "one")]);
  expect(await inZone("reyns-dns-main")).toEqual([await addressOf("reyns-dns", "main")]);
});

test("the DNS is registered in its zone as dns", async () => {
  expect(await inZone("dns")).toEqual([await addressOf("reyns-dns", "main")]);
});

test("an address resolves to its host name", async () => {
  const address = await addressOf("demo", "two");
  const words = ["dig", "+short", "@127.0.0.1", "-x", address];
  expect(await execIn(demo.folder, "main", ...words)).toBe("demo-two.local.zone.");
});

test("the DNS answers that an unknown name does not exist", async () => {
  const [id = "none"] = await containerIds(demo.folder, "one");
  const { status } = await run(["docker", "exec", id, "getent", "hosts", "nobody"]);
  expect(status).toBe(2);
  const words = ["dig", "@127.0.0.1", "nobody.local.zone"];
  expect(await execIn(demo.folder, "main", ...words)).toContain("status: NXDOMAIN");
});

test("names are found in capitals, and records that a host does not have are answered as none", async () => {
  expect(await resolve("two", "DEMO-ONE")).toBe(await addressOf("demo", "one"));
  const dig = (...words: string[]): Promise<string> =>
    execIn(demo.folder, "main", "dig", "@127.0.0.1", ...words);
  for (const type of ["AAAA", "MX", "TXT"]) {
    const answer = await dig("demo-one.local.zone", type);
    // Not NXDOMAIN, which would deny its address, too.
    expect([type, answer]).toEqual([type, expect.stringMatching(/NOERROR[^]*ANSWER: 0,/)]);
    expect(answer).toMatch(/^local\.zone\.\s+\d+\s+IN\s+SOA\s/m);
  }
  expect(await dig("+short", "local.zone", "SOA")).toMatch(/^\S+\. \S+\. \d+ /);
  expect(await dig("+short", "local.zone", "NS")).not.toBe("");
});

test("clean removes an instance's records, and the service's name leads to the others", async () => {
  const two = await addressOf("demo", "two");
  await demo.must("clean demo one");
  expect(await inZone("demo-one")).toEqual([]);
  expect(await resolve("two", "demo-one")).toBeUndefined();
  expect(await inZone("demo-two")).toEqual([two]);
  expect(await inZone("demo")).toEqual([two]);
  await demo.must("run demo one");
  const one = await addressOf("demo", "one");
  expect(await inZone("demo-one")).toEqual([one]);
  expect((await inZone("demo")).toSorted()).toEqual([one, two].toSorted());
});

test("stop removes an instance's records, and start restores them", async () => {
  const two = await addressOf("demo", "two");
  await demo.must("stop demo two");
  expect(await inZone("demo-two")).toEqual([]);
  await demo.must("_start demo two");
  expect(await inZone("demo-two")).toEqual([two]);
  expect(await resolve("one", "demo-two")).toBe(two);
});

test("start all restores the records after stop all", async () => {
  await demo.must("stop all");
  expect(await demo.json("ps")).toEqual([]);
  await demo.must("start all");
  for (const instance of ["one", "two"])
    expect(await inZone(`demo-${instance}`)).toEqual([await addressOf("demo", instance)]);
});

test("the service's name leads to all instances with APPEND, and to none with HIDE", async () => {
  await demo.write({
    "reyns.ts": `import { dns, link, project, service } from "reyns";
project("${demoName}");
const ns = dns();
const links = [link(ns, "dns")];
for (const instance of ["one", "two"])
  service("demo", { instance, links, env: { DNS_UPDATE_POLICY: "APPEND" } });
service("demo", { instance: "watcher", links, env: { DNS_UPDATE_POLICY: "HIDE" } });
`,
  });
  await demo.must("clean demo* force=True");
  await demo.must("run all");
  const addresses = await Promise.all(["one", "two"].map((one) => addressOf("demo", one)));
  expect((await inZone("demo")).toSorted()).toEqual(addresses.toSorted());
  expect(await inZone("demo-watcher")).toEqual([]);
  expect(await resolve("watcher", "demo-one")).toBe(addresses[0] ?? "");
  await demo.must("clean demo one");
  expect(await inZone("demo")).toEqual([addresses[1] ?? ""]);
});

test("docker restart keeps an instance's address and name", async () => {
  const before = await addressOf("demo", "two");
  const [id = "none"] = await containerIds(demo.folder, "two");
  await must("docker", "restart", "--time", "1", id);
  expect(await addressOf("demo", "two")).toBe(before);
  // Its agent registers it anew.
  await until("its name", async () => (await inZone("demo-two")).join() === before);
});
