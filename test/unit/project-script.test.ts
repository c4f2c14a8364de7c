import { describe, expect, test } from "bun:test";
import type { InstanceDefinition } from "../../src/project/types.ts";
import { projectFolder } from "./support/project-folder.ts";

const web = { "services/web/Dockerfile": "FROM reyns/reyns-base\n" };
const imports =
  'import { $, conf, dns, fromInterface, link, project, ready, required, service } from "reyns";';

async function instancesOf(body: string, conf?: string): Promise<readonly InstanceDefinition[]> {
  await using project = await projectFolder({ ...web, "reyns.ts": `${imports}\n${body}` });
  const { conf: read } = await project.read(conf);
  return read.instances;
}

async function mistakesIn(body: string, more: Record<string, string> = {}): Promise<string[]> {
  await using project = await projectFolder({ ...web, ...more, "reyns.ts": `${imports}\n${body}` });
  return await project.mistakes();
}

test("a reyns.ts says all of this", async () => {
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
    at: expect.objectContaining({ line: 5, column: 17 }) as object,
  });
  expect(second).toMatchObject({
    after: [{ service: "web", instance: "one" }],
    command: ["a", "b"],
    volumes: ["./x:/x:ro"],
  });
});

describe("ready", () => {
  const checks: [string, object][] = [
    ["ready.tcp(5432)", { kind: "tcp", port: 5432 }],
    ["ready.http(80)", { kind: "http", port: 80, path: "/" }],
    ['ready.log("up")', { kind: "log", pattern: "up", flags: "" }],
    ["ready.log(/^up.$/i)", { kind: "log", pattern: "^up.$", flags: "i" }],
    ['ready.command("a", "b")', { kind: "command", command: ["a", "b"] }],
    ["ready.healthy()", { kind: "healthy" }],
    ['ready.file("/x")', { kind: "file", path: "/x" }],
  ];
  test.each(checks)("%s", async (code, check) => {
    const [one] = await instancesOf(`service("web", { ready: ${code} });`);
    expect(one?.ready as object).toEqual(check);
  });
});

test("several confs, functions, loops, imports, values that come late", async () => {
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

describe("a mistake is reported at its place in the user's own file", () => {
  const accepted = "accepted: instance, instanceType, group, autorun, image";
  const wrong: [string, string[], Record<string, string>?][] = [
    [
      '\n  service("web", { imag: "x" });',
      [`reyns.ts:3:3 unknown key "imag" | did you mean "image"? ${accepted}`],
    ],
    [
      'await Bun.sleep(1);\nservice("web", { x: 1 });',
      [`reyns.ts:3:1 unknown key "x" | ${accepted}`],
    ],
    [
      'conf("c", async () => {\nawait Bun.sleep(1);\n service("web", { x: 1 }); });',
      ["reyns.ts:4:2 unknown key"],
    ],
    [
      'service("web", { x: 1 });\nservice("web", { instanceType: "mastr", linked: "yes" });',
      [
        "reyns.ts:2:1 unknown key",
        'reyns.ts:3:1 instanceType is "mastr" | accepted: "standard" or',
        'reyns.ts:3:1 linked is "yes" | accepted: boolean',
      ],
    ],
    ["service();", ["reyns.ts:2:1 service() has no name | give it first"]],
    ['service({ image: "x" });', ["reyns.ts:2:1 service() has no name"]],
    ['service("wob");', ['reyns.ts:2:1 no service "wob"']],
    ['service("web", null as never);', ["reyns.ts:2:1 null is not an object"]],
    [
      'service("A_b", { image: "x", instance: "C" });',
      [
        'reyns.ts:2:1 service name "A_b" cannot be part of a host name',
        'reyns.ts:2:1 instance name "C"',
      ],
    ],
    [
      'service("web", { instance: "a" });\nservice("web", { instance: "a" });',
      ['reyns.ts:3:1 "web-a" is defined twice, first in line 2'],
    ],
    [
      'service("web", { links: [{ nam: "x" }] });',
      [
        'reyns.ts:2:1 "links.name" is missing',
        'reyns.ts:2:1 "links.target" is missing',
        'reyns.ts:2:1 unknown key "nam" | did you mean "name"? accepted: name, target',
      ],
    ],
    [
      'service("web", { links: [link("*")] });',
      ['reyns.ts:2:1 links.name is "" | accepted: a text that is not empty'],
    ],
    [
      'service("web", { links: [link("web", "a\\nb")] });',
      ['reyns.ts:2:1 link name "a\nb" cannot be a host name'],
    ],
    [
      'service("web", { ports: [70000] });',
      ["reyns.ts:2:1 ports is 70000 | accepted: a port from 1 to 65535"],
    ],
    [
      'service("web", { ports: ["80"] });',
      ['reyns.ts:2:1 ports is "80" | accepted: number or an object'],
    ],
    [
      'service("web", { ready: { kind: "tpc" } });',
      ['reyns.ts:2:1 ready.kind is "tpc" | accepted: "tcp" or "http"'],
    ],
    [
      'service("web", { env: { A: { b: 1 }, "C=D": "" } });',
      [
        'reyns.ts:2:1 "env.A.kind" is missing',
        'reyns.ts:2:1 "env.A.secret" is missing',
        'reyns.ts:2:1 unknown key "b"',
      ],
    ],
    ['service("web", { volumes: ["/data"] });', ['reyns.ts:2:1 volume "/data" cannot be mounted']],
    [
      'const loop: any = {};\nloop.env = loop;\nservice("web", loop);',
      [
        'reyns.ts:4:1 "env.env.kind" is missing',
        'reyns.ts:4:1 "env.env.secret" is missing',
        'reyns.ts:4:1 unknown key "env"',
      ],
    ],
    [
      'project("My Shop");',
      [
        'reyns.ts:2:1 project name "My Shop" cannot be part of a host name | use lower case letters, digits and inner hyphens: "my-shop"',
      ],
    ],
    ["project(7 as never);", ['reyns.ts:2:1 project name "" cannot be part of a host name']],
    ['project("a");\n project("b");', ['reyns.ts:3:2 the project is named twice: "a" and "b"']],
    ['conf("x" as never);', ["reyns.ts:2:1 conf() needs a name and a function"]],
    [
      "function f() { throw new TypeError('boom'); }\nf();",
      ["reyns.ts:2:26 boom | reyns.ts is a program; this is where it stopped"],
    ],
    ['service("web", { env: { A: () => { throw new Error("fn"); } } });', ["reyns.ts:2:46 fn"]],
    ['service("web", { image: Promise.reject(new Error("no")) });', ["reyns.ts:2:44 no"]],
    ['conf("c", async () => { throw new Error("in conf"); });', ["reyns.ts:2:35 in conf"]],
    ["await $`exit 3`;", ["reyns.ts:2:7 a command of $ ended with status 3"]],
    ["throw 'text';", ["reyns.ts text"]],
    ["throw undefined;", ["reyns.ts undefined"]],
    ['service("web", { a: });', ["reyns.ts:2:21 Unexpected }"]],
    [
      'import { servce } from "reyns"; servce();',
      [
        "reyns.ts:2:10 Export named 'servce' not found in module 'reyns'. | did you mean \"service\"? accepted: project, service, dns, conf",
      ],
    ],
    ['import { x } from "./nowhere.ts"; x();', ["reyns.ts:2:19 Cannot find module './nowhere.ts'"]],
    [
      'import { x } from "no-such-package"; x();',
      ["reyns.ts:2:19 Cannot find package 'no-such-package'"],
    ],
    ['import "./lib.ts";', ["lib.ts:2:11 in lib"], { "lib.ts": '\nthrow new Error("in lib");' }],
    ['import "./lib.ts";', ["lib.ts:2:11 Unexpected ;"], { "lib.ts": "\nconst x = ;" }],
    [
      'import "./lib.ts";',
      ['lib.ts:1:34 unknown key "x"'],
      { "lib.ts": 'import { service } from "reyns"; service("web", { x: 1 });' },
    ],
    [
      'import { all } from "./lib.ts";\nall();',
      ['reyns.ts:3:1 unknown key "x"'],
      {
        "lib.ts":
          'import { service } from "reyns"; export const all = () => service("web", { x: 1 });',
      },
    ],
  ];
  test.each(wrong)("%s", async (body, expected, ...[files]) => {
    const mistakes = await mistakesIn(body, files);
    for (const [index, mistake] of mistakes.entries())
      expect(mistake).toStartWith(expected[index] ?? "(nothing more)");
    expect(mistakes).toHaveLength(expected.length);
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
  const mistakes = await mistakesIn(
    `dns({ zone: "shop_internal",\n ttl: 0.5 });\nservice("web", { zone: "x" });`,
  );
  expect(mistakes).toEqual([
    expect.stringContaining('DNS_ZONE is "shop_internal"'),
    expect.stringContaining('DNS_TTL is "0.5"'),
    expect.stringContaining('unknown key "zone"'),
  ]);
});
