import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { run, until } from "../engine/support/images-container.ts";
import { containerIds, inspectAll } from "./support/engine.ts";
import { type Listener, listenerCommand } from "./support/listener.ts";
import { createProject, type Project } from "./support/project.ts";
import { call } from "./support/reyns.ts";

setDefaultTimeout(240_000);

let shop: Project;

beforeAll(async () => {
  shop = await createProject();
});

afterEach(() => shop.must("clean all force=True"));
afterAll(() => shop?.[Symbol.asyncDispose]());

interface Times {
  /** When its container started, and when it wrote that it listens; milliseconds since 1970. */
  readonly started: number;
  readonly ready: number;
}

/** Host name -> when it started and got ready, as the Engine recorded it. */
async function timesOf(folder: string): Promise<Map<string, Times>> {
  const entries = [...(await inspectAll(folder))].map(async ([host, { Id, State }]) => {
    const { stdout } = await run(["docker", "logs", "--timestamps", Id]);
    const [, ready = ""] = /^(\S+) listening on/m.exec(stdout) ?? [];
    return [host, { started: Date.parse(State.StartedAt), ready: Date.parse(ready) }] as const;
  });
  return new Map(await Promise.all(entries));
}

/** Lets an instance listen that waits for "/go". */
async function release(folder: string, host: string): Promise<void> {
  const { Id = "none" } = (await inspectAll(folder)).get(host) ?? {};
  const touched = async (): Promise<boolean> =>
    (await run(["docker", "exec", Id, "touch", "/go"])).status === 0;
  await until(`${host} runs`, touched);
}

const instance = (name: string, options: string, listener: Partial<Listener> = {}): string =>
  `service("${name}", { instance: "one", image: "debian:bookworm-slim", ready: ready.tcp(8000), ` +
  `command: ${JSON.stringify(listenerCommand({ port: 8000, ...listener }))}, ${options} });`;

const script = (...lines: string[]): string =>
  `import { link, project, ready, service } from "reyns";\nproject("shop");\n${lines.join("\n")}\n`;

test("instances without dependencies start at once, the others when their dependencies are ready", async () => {
  // Twelve that get ready last, more than are worked at together, and a chain beside them.
  const names = Array.from({ length: 12 }, (_, index) => `slow${index}`);
  const slow = names.map((name) => instance(name, "", { waitsFor: "/go" }));
  await shop.write({
    "reyns.ts": script(
      ...slow,
      `const db = ${instance("db", "", { after: 0.3 })}`,
      `const api = ${instance("api", "links: [link(db)]", { after: 0.3 })}`,
      instance("web", "after: [api]"),
    ),
  });
  const { output } = await call(shop.folder, "run all");
  const times = await until("the chain, and the start of all others", async () => {
    const seen = await timesOf(shop.folder);
    return seen.size === 15 && seen.get("web-one")?.ready ? seen : undefined;
  });
  const of = (name: string): Times => times?.get(`${name}-one`) ?? { started: NaN, ready: NaN };
  expect(of("api").started).toBeGreaterThan(of("db").ready);
  expect(of("web").started).toBeGreaterThan(of("api").ready);
  // The chain does not wait for the slow ones that stand beside it.
  expect(names.filter((name) => of(name).ready)).toEqual([]);

  for (const name of names) await release(shop.folder, `${name}-one`);
  expect(await output).toMatchObject({ status: 0 });
});

test("a .conf starts its instances one after another, and in parallel with parallel=true", async () => {
  await using older = await createProject({
    "default.conf": JSON.stringify(
      ["a", "b", "c"].map((service) => ({ service, instance: "one" })),
    ),
    ...Object.fromEntries(
      ["a", "b", "c"].map((name) => [
        `services/${name}/Dockerfile`,
        `FROM debian:bookworm-slim\n# reyns: expose 8000\nCMD ${JSON.stringify(listenerCommand({ port: 8000, waitsFor: "/go" }))}\n`,
      ]),
    ),
  });
  const hosts = ["a-one", "b-one", "c-one"];
  const started = async (): Promise<string[]> => [...(await inspectAll(older.folder)).keys()];
  const sequence = await call(older.folder, "run all");
  for (const [index, host] of hosts.entries()) {
    await until(`the start of ${host}`, async () => (await started()).includes(host));
    expect((await started()).toSorted()).toEqual(hosts.slice(0, index + 1));
    await release(older.folder, host);
  }
  expect(await sequence.output).toMatchObject({ status: 0 });

  await older.must("clean all force=True");
  const graph = await call(older.folder, "run all parallel=true");
  await until("the start of all", async () => (await started()).length === hosts.length);
  for (const host of hosts) await release(older.folder, host);
  expect(await graph.output).toMatchObject({ status: 0 });
});

test("a failure names the instances that waited for it, and shows its last lines", async () => {
  await shop.write({
    "reyns.ts": script(
      `const db = ${instance("db", "timeout: 4", { port: 8001, says: ["not yet"] })}`,
      `const api = ${instance("api", "links: [link(db)]")}`,
      instance("web", "after: [api]"),
    ),
  });
  const { status, stderr } = await shop.reyns("run all");
  expect({ status, stderr }).toMatchObject({ status: 1 });
  expect(stderr).toContain(
    "error db-one: not ready after 4 s, port 8000 does not accept connections\n" +
      "      | not yet\n      | listening on 8001\n      never started: api-one, web-one\n" +
      "      web-one waits for api-one, api-one waits for db-one\n",
  );
  expect(await containerIds(shop.folder)).toHaveLength(1);
  // What the call says counts more than what the instance says.
  const longer = await shop.reyns("rerun db one timeout=2");
  expect(longer.stderr).toContain("db-one: not ready after 2 s");
});

test("instances are never started when their DNS does not answer", async () => {
  await shop.write({
    "reyns.ts": script(
      'dns({ command: "echo no BIND here; sleep 1000", timeout: 4 });',
      instance("web", ""),
    ).replace("{ link,", "{ dns, link,"),
  });
  const { status, stderr } = await shop.reyns("run all");
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^error reyns-dns-main: not ready after 4 s, (?:its DNS|the DNS at [\d.]+) does not answer.*\n(?:.*\n)* +\| no BIND here\n(?:.*\n)* +never started: web-one\n +web-one waits for reyns-dns-main\n/m,
  );
});

test("run and check report a circle of dependencies with its whole path", async () => {
  await shop.write({
    "reyns.ts": script(
      instance("a", 'links: [link("b")]'),
      instance("b", 'after: [{ service: "c", instance: null }]'),
      instance("c", 'links: [link("a")]'),
    ),
  });
  for (const line of ["run all", "check"]) {
    const { status, stderr } = await shop.reyns(line);
    expect([line, status]).toEqual([line, 2]);
    expect(stderr).toMatch(
      /^error reyns.ts:3:\d+: instances wait for each other in a circle: a-one -> b-one -> c-one -> a-one\n/m,
    );
    expect(stderr).toContain(
      "      a-one links to b-one (reyns.ts:3)\n" +
        "      b-one comes after c-one (reyns.ts:4)\n" +
        "      c-one links to a-one (reyns.ts:5)\n",
    );
  }
  expect(await containerIds(shop.folder)).toEqual([]);
});

test("rerun over several confs names all missing values before it changes anything", async () => {
  const one = instance("one", "env: { A: required() }").replace("service(", "return void service(");
  await shop.write({
    "reyns.ts": script(
      instance("db", ""),
      `conf("first", () => { ${one} });`,
      `conf("second", () => { ${one.replace('"one"', '"two"').replace("A:", "B:")} });`,
    ).replace("{ link,", "{ conf, required, link,"),
  });
  await shop.must("run all conf=first", { env: { A: "1" } });
  await shop.must("run all conf=second yes=true", { env: { B: "2" } });
  const before = (await containerIds(shop.folder)).toSorted();
  const { status, stderr } = await shop.reyns("rerun all", { env: { A: "1" } });
  expect({ status, stderr }).toMatchObject({ status: 2 });
  expect(stderr).toContain("error missing value: B, required by two-one\n");
  expect((await containerIds(shop.folder)).toSorted()).toEqual(before);
  await shop.must("rerun all", { env: { A: "1", B: "2" } });
});
