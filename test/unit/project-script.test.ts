import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import type { InstanceDefinition } from "../../src/model/project.ts";
import { projectFolder } from "./support/project-folder.ts";

const web = { "services/web/Dockerfile": "FROM reyns/reyns-base\n" };
const imports =
  'import { $, after, conf, dns, fromInterface, group, link, project, ready, required, service } from "reyns";';

async function instancesOf(body: string, conf?: string): Promise<readonly InstanceDefinition[]> {
  await using project = await projectFolder({ ...web, "reyns.ts": `${imports}\n${body}` });
  const { conf: read } = await project.read(conf);
  return read.instances;
}

test("a reyns.ts sets every field of an instance", async () => {
  const [ns, first, second] = await instancesOf(`
    project("named");
    const ns = dns({ instance: "ns", env: { SERVICE_IP: fromInterface("eth0") } });
    const web = service("web", {
      instance: "one", instanceType: "published", group: "g", autorun: false, image: Promise.resolve("i:1"),
      links: [link(ns, "dns"), link("reyns-base"), link("app-*"), link("x-*", "any"), link("*-y-*")], after: [ns],
      env: { A: (await $\`echo hello\`).stdout.trim(), N: 7, B: false, ASK: null, SECRET: required({ secret: true, description: "d" }),
             LATER: async () => "later", P: Promise.resolve("p") },
      command: "a && b", volumes: { data: "/data" },
      ports: [80, { container: 53, protocol: "udp" }, { container: 1, host: 2 }],
      hostname: "h", privileged: true, ready: ready.http(80, "/up"), linked: false, persistentOpt: true,
    });
    service("web", { instance: "two", after: [web], command: ["a", "b"], volumes: ["./x:/x:ro"] });`);
  const required = { kind: "required", secret: false, description: undefined };
  const text = (value: string): object => ({ kind: "text", text: value });
  expect(ns).toMatchObject({
    service: "reyns-dns",
    instance: "ns",
    env: { SERVICE_IP: text("from_eth0") },
  });
  expect(first as object).toEqual({
    service: "web",
    instance: "one",
    instanceType: "published",
    group: "g",
    autorun: false,
    image: "i:1",
    links: [
      { name: "dns", target: { service: "reyns-dns", instance: "ns" } },
      { name: "reyns-base", target: { service: "reyns-base", instance: null } },
      { name: "app", target: { host: "app-*" } },
      { name: "any", target: { host: "x-*" } },
      { name: "y", target: { host: "*-y-*" } },
    ],
    after: [{ service: "reyns-dns", instance: "ns" }],
    env: {
      A: text("hello"),
      N: text("7"),
      B: text("false"),
      ASK: required,
      SECRET: { kind: "required", secret: true, description: "d" },
      LATER: text("later"),
      P: text("p"),
    },
    sleep: 0,
    versions: 5,
    properties: { linked: false, persistentOpt: true },
    command: ["/bin/sh", "-c", "a && b"],
    volumes: ["data:/data"],
    ports: [
      { container: 80, host: 80, protocol: "tcp" },
      { container: 53, host: 53, protocol: "udp" },
      { container: 1, host: 2, protocol: "tcp" },
    ],
    hostname: "h",
    privileged: true,
    ready: { kind: "http", port: 80, path: "/up" },
    restartAfter: [],
    build: undefined,
    extraArgs: undefined,
    extraHosts: [],
    labels: {},
    publishSshOn: undefined,
    runtime: {},
    at: expect.objectContaining({ line: 5, column: 17 }) as object,
  });
  expect(second).toMatchObject({
    after: [{ service: "web", instance: "one" }],
    command: ["a", "b"],
    volumes: ["./x:/x:ro"],
  });
});

test("all fields of build", async () => {
  const [full] = await instancesOf(`
    service("web", { image: "shop/named", build: { dockerfileInline: "FROM a", args: { N: 1 },
      labels: { b: true }, network: "host", noCache: true, pull: false, shmSize: "64m",
      extraHosts: { a: "192.0.2.1" }, ulimits: { nofile: 8, nproc: { soft: 1, hard: 2 } },
      cacheFrom: ["shop/a:1", "type=registry,ref=shop/b"], platforms: ["linux/arm64"], tags: ["shop/c"], cacheTo: ["type=inline"],
      secrets: { a: { file: "~/a" }, b: { env: "B" } }, ssh: ["default", "c=./c"] } });`);
  expect(full?.image).toBeUndefined();
  expect(full?.build as object).toEqual({
    context: ".",
    dockerfile: ".reyns/Dockerfile",
    dockerfileInline: "FROM a",
    args: { N: "1" },
    labels: { b: "true" },
    network: "host",
    noCache: true,
    pull: false,
    shmSize: 67_108_864,
    extraHosts: ["a:192.0.2.1"],
    ulimits: [
      { name: "nofile", soft: 8, hard: 8 },
      { name: "nproc", soft: 1, hard: 2 },
    ],
    cacheFrom: ["shop/a:1", "shop/b"],
    platform: "linux/arm64",
    tags: ["shop/c"],
    inlineCache: true,
    secrets: { a: { file: join(homedir(), "a") }, b: { env: "B" } },
    ssh: { default: null, c: "./c" },
    image: "shop/named",
  });
});

test("groups; targets by handle, name and pattern", async () => {
  const found = await instancesOf(`
    group("node1", async () => {
      await Bun.sleep(1);
      service("web", { instance: "one" });
      group("node2", () => void service("web", { instance: "two", links: "web", after: "web-o*" }));
      service("web", { instance: "three", group: "own", after: [service("web", { instance: "four" })] });
    });
    conf("c", () => group("node1", () => void service("web", { instance: "five" })));
    service("web", { instance: "six", links: [{ service: "web", instance: "one" }, "web-t*"] });`);
  const [one, four] = ["one", "four"].map((instance) => ({ service: "web", instance }));
  const byName = found.map(
    ({ instance = "", group, links, after }) => [instance, [group, links, after]] as const,
  );
  expect(Object.fromEntries(byName) as object).toEqual({
    one: ["node1", [], []],
    two: [
      "node2",
      [{ name: "web", target: { service: "web", instance: null } }],
      [{ host: "web-o*" }],
    ],
    three: ["own", [], [four]],
    four: ["node1", [], []],
    six: [
      undefined,
      [
        { name: "web", target: one },
        { name: "web-t", target: { host: "web-t*" } },
      ],
      [],
    ],
  });
});

test("after() adds to the instances' own after", async () => {
  const found = await instancesOf(`
    const db = service("db", { image: "x", instance: "one" });
    after(db, async () => {
      service("web", { instance: "one" });
      await Bun.sleep(1);
      after(["web", "q*"], () => void service("web", { instance: "two", after: Promise.resolve("web-o*") }));
    });
    service("web", { instance: "three" });`);
  const [db, anyWeb] = [
    { service: "db", instance: "one" },
    { service: "web", instance: null },
  ];
  expect(found.map(({ instance, after }): unknown => [instance, after])).toEqual([
    ["one", []],
    ["one", [db]],
    ["three", []],
    ["two", [db, anyWeb, { host: "q*" }, { host: "web-o*" }]],
  ]);
});

describe("ready", () => {
  const checks: [string, object][] = [
    ["ready.tcp(5432)", { kind: "tcp", port: 5432 }],
    ["ready.http(80)", { kind: "http", port: 80, path: "/" }],
    ['ready.log("up")', { kind: "log", pattern: "up", flags: "" }],
    ["ready.log(/^up.$/i)", { kind: "log", pattern: "^up.$", flags: "i" }],
    ['ready.command("a && b")', { kind: "command", command: ["/bin/sh", "-c", "a && b"] }],
    ['ready.command(["a", "b c"])', { kind: "command", command: ["a", "b c"] }],
    ['ready.command("a", "b")', { kind: "command", command: ["a", "b"] }],
    ["ready.healthy()", { kind: "healthy" }],
    ['ready.file("/x")', { kind: "file", path: "/x" }],
  ];
  test.each(checks)("%s", async (code, check) => {
    const [one] = await instancesOf(`service("web", { ready: ${code} });`);
    expect(one?.ready as object).toEqual(check);
  });
});

test("confs, functions, loops, imports and deferred values", async () => {
  const body = `
    const many = (names: string[]) => names.map((name) => service("web", { instance: name }));
    many(["a", "b"]);
    conf("late", async () => { await Bun.sleep(1); many(["c"]); await Bun.sleep(1); many(["d"]); });
    conf("other", () => { many(["e"]); });
    conf("late", () => { many(["f"]); });`;
  const names = async (conf?: string): Promise<(string | undefined)[]> =>
    (await instancesOf(body, conf)).map(({ instance }) => instance);
  expect(await names()).toEqual(["a", "b"]);
  expect(await names("other")).toEqual(["e"]);
  expect(new Set(await names("late"))).toEqual(new Set(["c", "d", "f"]));
});

test("deferred values at any depth, and outputs of commands", async () => {
  const [late] = await instancesOf(`
    service("web", { instance: "one", env: async () => ({ V: $\`echo 1.2\`, T: $\`echo 3\`.text() }),
      ports: [async () => 80, Promise.resolve({ container: async () => 81 })], memLimit: $\`echo 64m\` });`);
  const text = (value: string): object => ({ kind: "text", text: value });
  expect(late).toMatchObject({
    env: { V: text("1.2"), T: text("3\n") },
    ports: [{ container: 80 }, { container: 81 }],
    runtime: { memLimit: 67_108_864 },
  });
});

test("dns() sets up the zone", async () => {
  const [ns] = await instancesOf(
    `dns({ zone: "shop.internal", ttl: 7, lease: async () => 2.6, renew: 1, env: { A: "b" } });`,
  );
  const text = (value: string): object => ({ kind: "text", text: value });
  expect(ns).toMatchObject({
    instance: "main",
    env: {
      A: text("b"),
      DNS_ZONE: text("shop.internal"),
      DNS_TTL: text("7"),
      DNS_LEASE: text("2.6"),
      DNS_RENEW: text("1"),
    },
  });
  await using wrong = await projectFolder({
    ...web,
    "reyns.ts": `${imports}\ndns({ zone: "shop_internal",\n ttl: 0.5 });\nservice("web", { zone: "x" });`,
  });
  const mistakes = await wrong.mistakes();
  expect(mistakes).toEqual([
    expect.stringContaining('DNS_ZONE is "shop_internal"'),
    expect.stringContaining('DNS_TTL is "0.5"'),
    expect.stringContaining('unknown key "zone"'),
  ]);
});
