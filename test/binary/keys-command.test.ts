import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { query } from "../../src/dns/client/query.ts";
import { must, until } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

/** The one with the DNS, and a copy of it as another machine has it. */
let shop: Project;
let other: Project;
let server = "";

beforeAll(async () => {
  const dockerfile = { "services/web/Dockerfile": "FROM reyns/reyns-base\n" };
  shop = await createProject({
    ...dockerfile,
    "reyns.ts": `
import { dns, link, project, ready, service } from "reyns";
project("shop");
const ns = dns({ lease: 10, renew: 1 });
for (const instance of ["one", "two"]) service("web", { instance, links: [link(ns)] });
const command = ["perl", "-e", "$SIG{TERM} = sub { exit }; sleep 1 while 1"];
service("db", { image: "debian:bookworm-slim", instance: "one", command, links: [link(ns)], ready: ready.started() });
`,
  });
  other = await createProject({
    ...dockerfile,
    "reyns.ts": `
import { project, required, service } from "reyns";
project("shop");
service("web", { instance: "far", env: { DNS_SERVICE_IP: required() } });
`,
  });
  await shop.must("run all");
  server = await shop.must("getip reyns-dns main");
}, 300_000);

afterAll(async () => {
  await other?.[Symbol.asyncDispose]();
  await shop?.[Symbol.asyncDispose]();
});

interface Shown {
  readonly keys: readonly { readonly file: string; readonly fingerprint: string }[];
  readonly old: readonly string[];
}

const shown = async (project: Project): Promise<Shown> => (await project.json("keys")) as Shown;
const inZone = async (name: string): Promise<readonly string[]> =>
  (await query(`${name}.local.zone`, "A", { server, timeout: 20_000 })).addresses;

/** Everything of the keys, and what lies beside them. */
async function contents(project: Project): Promise<Record<string, string>> {
  const folder = join(project.folder, ".reyns");
  const files = (await readdir(folder, { recursive: true })).filter((name) =>
    name.includes("keys/"),
  );
  const read = async (name: string) => [name, await readFile(join(folder, name), "utf8")] as const;
  return Object.fromEntries(await Promise.all(files.map(read)));
}

test("keys shows fingerprints and no secret", async () => {
  const text = await shop.must("keys");
  const secret = /secret "([^"]+)"/.exec((await contents(shop))["keys/tsig.key"] ?? "")?.[1];
  expect(text.match(/SHA256:[\w+/]{43}/g)).toHaveLength(3);
  expect(secret).toHaveLength(44);
  expect(text + JSON.stringify(await shown(shop))).not.toContain(secret ?? "");
});

test("keys export writes a file that only its owner can read, and overwrites none", async () => {
  const { stderr, status } = await shop.reyns("keys export");
  expect({ status, isWarned: stderr.includes("it contains secrets") }).toEqual({
    status: 0,
    isWarned: true,
  });
  const file = join(shop.folder, "shop-keys.json");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const refused = await shop.reyns("keys export");
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining("exists already") });
  await shop.must("keys export force=true");
  expect(`${await shop.must("keys export -")}\n`).toBe(await readFile(file, "utf8"));
});

test("git has the file that keys export writes into a repository", async () => {
  await using fresh = await createProject({ "reyns.ts": 'import "reyns";\n' });
  await must("git", "init", "--quiet", fresh.folder);
  const { stderr } = await fresh.reyns("keys export file=keys.json");
  expect(stderr).toContain("added to .gitignore: keys.json");
  expect(await must("git", "-C", fresh.folder, "status", "--short")).not.toContain("keys.json");
});

test("an instance of a machine with other keys fails to register until the keys are imported there", async () => {
  const env = { DNS_SERVICE_IP: server };
  const failed = await other.reyns("run all", { env });
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain("has another secret");
  expect(failed.stderr).toContain("reyns keys import");

  const stdin = await shop.must("keys export -");
  const before = await contents(other);
  const unanswered = await other.reyns("keys import -", { stdin });
  expect(unanswered.status).toBe(2);
  expect(unanswered.stderr).toContain("add yes=true");
  expect(await contents(other)).toEqual(before);

  const { status, stderr } = await other.reyns("keys import - force=true", { stdin });
  expect(status).toBe(0);
  expect(stderr).toContain("web-far still uses the old keys: reyns rerun web far");
  expect(stderr).toContain("the old ones are kept in .reyns/keys.old-");
  expect((await shown(other)).keys.map(({ fingerprint }) => fingerprint)).toEqual(
    (await shown(shop)).keys.map(({ fingerprint }) => fingerprint),
  );
  expect((await shown(other)).old).toEqual(["web-far"]);
  await other.must("rerun web far", { env });
  expect((await shown(other)).old).toEqual([]);
  expect(await inZone("web-far")).toEqual([await other.must("getip web far")]);
  expect(await other.must("ssh web far command=hostname")).toBe("web-far");
  const again = await other.reyns("keys import -", { stdin });
  expect(again).toMatchObject({ status: 0, stderr: expect.stringContaining("these keys already") });
  await other.must("clean all force=true");
});

test.each([
  ["nonsense", "{"],
  ["paths", '{"reyns":"keys","version":1,"files":{"../../x":"y"}}'],
  ["half of them", '{"reyns":"keys","version":1,"files":{"tsig.key":"key"}}'],
])("keys import changes nothing when it is given %s", async (_, stdin) => {
  const before = await contents(other);
  const { status, stdout } = await other.reyns("keys import - force=true --json", { stdin });
  expect(status).toBe(1);
  expect(stdout).toContain('"KEYS_UNUSABLE"');
  expect(await contents(other)).toEqual(before);
});

test("keys rotate names the instances with the old keys, which run on until run replaces them", async () => {
  expect((await shop.reyns("keys rotate")).status).toBe(2);
  const before = await shown(shop);
  const rotated = (await shop.json("keys rotate --yes")) as { rerun: string[]; keptIn: string };
  expect(rotated.rerun).toEqual(["reyns-dns-main", "db-one", "web-one", "web-two"]);
  expect(await readdir(rotated.keptIn)).toHaveLength(6);
  const after = await shown(shop);
  for (const [index, { fingerprint }] of after.keys.entries())
    expect(fingerprint).not.toBe(before.keys[index]?.fingerprint ?? "");
  const kept = await shop.reyns("run all keep=true");
  expect(kept.stderr.match(/runs an outdated definition \(changed: keys\)/g)).toHaveLength(4);
  expect(await inZone("web-one")).toHaveLength(1);

  const { status, stderr } = await shop.reyns("run all");
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining("warning") });
  expect((await shown(shop)).old).toEqual([]);
  expect(await shop.must(["ssh", "web", "one", "command=ssh web-two hostname"])).toBe("web-two");
  // Of a ready image the keeper renews the lease, with the new key only.
  for (const name of ["db-one", "web-one"])
    await until(`the lease of ${name} is renewed`, async () => (await renewals(name)) >= 3);
  expect(await inZone("db-one")).toHaveLength(1);
});

async function renewals(host: string): Promise<number> {
  const { records } = await query(`${host}._lease.local.zone`, "TXT", { server, timeout: 20_000 });
  return Number(/seq=(\d+)/.exec(JSON.stringify(records))?.[1] ?? 0);
}

test("lost keys are named, restart stops nothing for want of them, and run replaces what had them", async () => {
  const [state, aside] = [".reyns", "aside"].map((name) => join(shop.folder, name));
  const problem =
    "the project's keys (.reyns/keys) are missing, and reyns-dns-main, web-one, web-two";
  const remedy = "reyns keys import FILE";
  await rename(state ?? "", aside ?? "");
  const running = await shop.must("ps quiet");
  for (const command of ["restart web", "restart all"]) {
    const refused = await shop.reyns(command);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("nothing was started or stopped");
    expect(refused.stderr).toContain(remedy);
  }
  expect(await shop.must("ps quiet")).toBe(running);
  const planned = await shop.reyns("plan");
  expect(planned.stderr).toContain(`warning ${problem} were started with them`);
  expect(planned.stdout).toMatch(/web-one +changed: keys/);
  const { stdout } = await shop.reyns("doctor");
  expect(stdout).toContain(problem);
  expect(stdout).toContain(remedy);
  const exported = await shop.reyns("keys export file=new.json");
  expect(exported.status).toBe(1);
  expect(exported.stderr).toContain(problem);
  expect(exported.stderr).toContain("nothing was exported");
  expect(await readdir(shop.folder)).not.toContain("new.json");

  await rm(state ?? "", { recursive: true, force: true });
  await rename(aside ?? "", state ?? "");
  expect((await shop.reyns("plan")).stdout).not.toContain("keys");
  await rm(state ?? "", { recursive: true });
  const { stderr } = await shop.reyns("run all");
  expect(stderr).toContain(problem);
  expect((await shown(shop)).old).toEqual([]);
  expect((await shop.reyns("plan")).stdout).not.toContain("keys");
  expect(await shop.must(["ssh", "web", "one", "command=ssh web-two hostname"])).toBe("web-two");
});

test("keys warns of files that others can read", async () => {
  const file = join(shop.folder, ".reyns/keys/tsig.key");
  await chmod(file, 0o640);
  expect((await shop.reyns("keys")).stderr).toContain(`(mode 0640): chmod go= ${file}`);
});

test("keys suggests an action for a wrong one", async () => {
  const { status, stderr } = await shop.reyns("keys exprot");
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringContaining('did you mean "export"?'),
  });
});
