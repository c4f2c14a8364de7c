// Copies of one project in one folder: nothing clashes, nothing is shared, and nobody sees another copy's names.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { must, until } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);
beforeAll(importSmallImage);

const copies = ["one", "two"];
const all = ["main", ...copies];

/** Each copy has an instance of its own besides: its name is what no other one may know. */
const definition = `import { project, ready, service, volume } from "reyns";
project("copied");
volume("named", { name: "copied-named-${process.pid}" });
const image = ${JSON.stringify(smallImage)};
const serve = "echo $0 > /www/name; busybox httpd -f -p 8080 -h /www";
service("web", { image, command: ["sh", "-c", serve, process.env.REYNS_COPY || "main"], ports: ["28127:8080"], init: true,
  volumes: ["store:/www", "named:/named", "./data_copied/own:/own", "./code:/code"] });
service("only-" + (process.env.REYNS_COPY || "main"), { image, init: true, ready: ready.started(), persistentData: true });
`;

/** @returns what each run says */
async function runAll(project: Project): Promise<Map<string, string>> {
  const said = new Map<string, string>();
  for (const copy of all) {
    const { status, stderr } = await project.reyns(`run all copy=${copy} yes`);
    expect([copy, status, stderr]).toEqual([copy, 0, stderr]);
    said.set(copy, stderr);
  }
  return said;
}

interface Listed {
  readonly service: string;
  readonly ports: readonly { readonly host: number; readonly ip: string }[];
}

async function portOf(project: Project, copy: string): Promise<number | undefined> {
  const instances = (await project.json(`ps web copy=${copy}`)) as Listed[];
  return instances[0]?.ports[0]?.host;
}

/** Empty without an answer: an instance may be up before its server listens. */
function pageAt(port: number | undefined): Promise<string> {
  return fetch(`http://127.0.0.1:${port}/name`).then(
    (answer) => answer.text(),
    () => "",
  );
}

/** The addresses that an instance's resolver has for a name; empty where it knows none. */
async function lookUp(project: Project, copy: string, name: string): Promise<string> {
  const script = `busybox nslookup ${name} | busybox awk '/^Name:/ { on = 1 } on && /^Address/ { print $NF }'`;
  return project.must(["shell", "web", `copy=${copy}`, "--", script]);
}

/** Digests of all files below a folder of an instance. */
function digestOf(project: Project, copy: string, path: string): Promise<string> {
  const script = `busybox find ${path} -type f -exec busybox sha256sum {} +`;
  return project.must(["shell", "web", `copy=${copy}`, "--", script]);
}

test("two copies and the project itself run side by side, each with its own names, ports and data", async () => {
  await using shop = await createProject({ "reyns.ts": definition });
  const said = await runAll(shop);
  for (const [copy, text] of said)
    expect([copy, text.includes("shared with the project and its other copies: ./code\n")]).toEqual(
      [copy, copy !== "main"],
    );

  const ports = new Map<string, number | undefined>();
  for (const copy of all) ports.set(copy, await portOf(shop, copy));
  expect(ports.get("main")).toBe(28_127);
  expect(new Set(ports.values()).size).toBe(all.length);
  for (const [copy, port] of ports)
    await until(`the page of ${copy}`, async () => (await pageAt(port)) === `${copy}\n`);

  for (const copy of all) {
    expect(await lookUp(shop, copy, "web")).toBe(await shop.must(`getip web copy=${copy}`));
    for (const other of all) {
      const found = await lookUp(shop, copy, `only-${other}`);
      expect([copy, other, found !== ""]).toEqual([copy, other, copy === other]);
    }
  }

  // Unchanged, each: no copy is taken for a change of another one.
  for (const copy of all)
    expect((await shop.reyns(`run all copy=${copy}`)).stderr).toContain("up to date");
  for (const copy of copies) {
    await shop.must(`rerun web copy=${copy}`);
    expect(await portOf(shop, copy)).toBe(ports.get(copy));
  }

  const listed = (await shop.json("copies")) as { name: string; running: number }[];
  expect(listed.map(({ name, running }) => [name, running])).toEqual([
    ["one", 2],
    ["two", 2],
  ]);
  expect((await shop.json("ps", { env: { REYNS_COPY: "one" } })) as Listed[]).toHaveLength(2);
  // The argument wins.
  const services = (await shop.json("ps copy=two", { env: { REYNS_COPY: "one" } })) as Listed[];
  expect(services.map(({ service }) => service)).toContain("only-two");
});

test("removing a copy takes all that is its own, and leaves the others' data byte for byte", async () => {
  await using shop = await createProject({ "reyns.ts": definition });
  await runAll(shop);
  const paths = ["/www", "/named", "/own"];
  for (const copy of all)
    for (const path of paths)
      await shop.must(["shell", "web", `copy=${copy}`, "--", `echo ${copy} > ${path}/kept; sync`]);
  const before = [];
  for (const copy of ["main", "two"])
    for (const path of paths) before.push(await digestOf(shop, copy, path));
  expect(new Set(before).size).toBe(before.length);

  const asked = await shop.reyns("clean all copy=one");
  expect(asked).toMatchObject({ status: 2 });
  expect(asked.stderr).toContain(
    "Remove the copy one with all its data: only-one-one, web-one, volume copied-named-",
  );
  const removed = await shop.reyns("clean all copy=one force");
  expect(removed).toMatchObject({ status: 0 });
  expect(removed.stderr).toContain("removed the copy one");

  const label = `label=io.reyns.folder=${shop.folder}//copy:one`;
  expect(await must("docker", "ps", "-aq", "--filter", label)).toBe("");
  expect(await must("docker", "volume", "ls", "-q", "--filter", label)).toBe("");
  expect(await must("docker", "network", "ls", "-q", "--filter", label)).toBe("");
  expect(readdirSync(join(shop.folder, "data_copied/.copies"))).toEqual(["two"]);
  expect(existsSync(join(shop.folder, ".reyns/copies/one"))).toBe(false);

  // Nothing but a run makes a copy.
  const unknown = await shop.reyns("stop all copy=one");
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toContain('this project has no copy "one"');
  expect(unknown.stderr).toContain("two");
  const volumes = await shop.reyns("volumes copy=tow");
  expect([volumes.status, volumes.stdout]).toEqual([2, ""]);
  expect(volumes.stderr).toContain('this project has no copy "tow"');
  expect(volumes.stderr).toContain('did you mean "two"?');
  const plan = await shop.reyns("plan copy=tow");
  expect(plan.stderr).toContain('no copy "tow": run would make it; did you mean "two"?');
  expect((await shop.reyns("plan copy=two")).stderr).not.toContain("no copy");

  const after = [];
  for (const copy of ["main", "two"])
    for (const path of paths) after.push(await digestOf(shop, copy, path));
  expect(after).toEqual(before);
  expect((await shop.reyns("clean all copy=one")).stderr).toContain("there is no copy one");
});

test("the project's own data goes without that of a copy, whatever its name is", async () => {
  await using shop = await createProject({ "reyns.ts": definition });
  await shop.must("run all copy=data");
  await shop.must("run all yes");
  await shop.must(["shell", "web", "copy=data", "--", "echo kept > /own/kept"]);
  await shop.must("clean all data=true force");
  expect(await shop.must(["shell", "web", "copy=data", "--", "cat /own/kept"])).toBe("kept");
  // Of images of the project a copy removes none.
  const { stderr } = await shop.reyns("clean all copy=data images=true force");
  expect(stderr).toContain("images belong to the project and all of its copies");
});

test("the name of a copy has to be a label, and commands about no project take none", async () => {
  await using shop = await createProject({ "reyns.ts": definition }, { offline: true });
  for (const name of ["Feature", "a_b", "-a", "a".repeat(64), "a/../b"]) {
    const { status, stderr } = await shop.reyns(["config", `copy=${name}`]);
    expect([name, status]).toEqual([name, 2]);
    expect(stderr).toContain("invalid copy name");
  }
  const refused = await shop.reyns("version copy=one");
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain('unknown key "copy"');
  expect((await shop.reyns("config", { env: { REYNS_COPY: "A B" } })).status).toBe(2);
});

test("a call that ends before its copy begins leaves nothing of it", async () => {
  await using project = await createProject(
    { "reyns.ts": 'import { service } from "reyns";\nservice("web", { image: "a" });\n' },
    { offline: true },
  );
  const { status, stderr } = await project.reyns("run all copy=new from=other");
  expect(stderr).toContain('this project has no copy "other"');
  expect(status).toBe(2);
  expect(existsSync(join(project.folder, ".reyns/copies/new"))).toBe(false);
});
