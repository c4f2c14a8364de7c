import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { query } from "../../src/dns/client/query.ts";
import { must, pauseContainer, until } from "../engine/support/images-container.ts";
import { keeperIds } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

let shop: Project;
let server = "";

// Ready images that end at once, and leases that are short.
beforeAll(async () => {
  shop = await createProject({
    "reyns.ts": `
import { dns, link, project, service } from "reyns";
project("shop");
const ns = dns({ lease: 2.6, renew: 1 });
const command = ["perl", "-e", "$SIG{TERM} = sub { exit }; sleep 1 while 1"];
for (const name of ["db", "web"])
  service(name, { image: "debian:bookworm-slim", command, links: [link(ns)], volumes: ["data:/data"] });
`,
  });
  await shop.must("run all");
  server = await shop.must("getip reyns-dns main");
}, 300_000);

afterAll(() => shop?.[Symbol.asyncDispose]());

const docker = (...args: string[]): Promise<string> => must("docker", ...args);

async function resolves(name: string): Promise<boolean> {
  const { addresses } = await query(`${name}.local.zone`, "A", { server, timeout: 20_000 });
  return addresses.length > 0;
}

const containerOf = async (service: string): Promise<string> =>
  ((await shop.json(`ps ${service} all`)) as { id: string }[])[0]?.id ?? "";

const nameOf = async (id: string): Promise<string> =>
  (await docker("inspect", "--format", "{{.Name}}", id)).slice(1);

const networkOf = async (id: string): Promise<string> =>
  docker(
    "inspect",
    "--format",
    "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}",
    id,
  );

/** An Engine that others use as well has more time here than a person would give it. */
const doctor = async (): Promise<string> =>
  (await shop.reyns("doctor", { env: { ENGINE_TIMEOUT: "30" } })).stdout;

const keeper = async (): Promise<string> => (await keeperIds(shop.folder))[0] ?? "none";

/** What `ps` and `doctor` say, each in a line, before a run; nothing is said after it. */
async function healsWithRun(problem: string): Promise<void> {
  expect((await shop.reyns("ps")).stderr).toContain(problem);
  expect(await doctor()).toContain(problem.split(":")[0] ?? "");
  await shop.must("run all");
  expect((await shop.reyns("ps")).stderr).not.toContain("repair it");
  for (const name of ["db-one", "web-one"]) await until(name, () => resolves(name));
  expect((await shop.reyns("plan exit_code=true")).status).toBe(0);
}

describe("a run puts right a keeper that", () => {
  test("was removed, when the names are gone", async () => {
    await docker("rm", "-f", await keeper());
    await until("the names to go", async () => !(await resolves("db-one")));
    await healsWithRun("the DNS lease keeper is missing: db-one, web-one will lose their names");
  });

  test("was killed", async () => {
    const id = await keeper();
    await docker("kill", id);
    await docker("wait", id);
    expect(await doctor()).toContain("keeper has stopped");
    expect((await shop.reyns("ps")).stderr).toContain("the DNS lease keeper is stopped");
    await shop.must("run all");
    expect(await docker("inspect", "--format", "{{.State.Status}}", await keeper())).toBe(
      "running",
    );
  });

  test("is paused", async () => {
    await pauseContainer(await keeper());
    expect(await doctor()).toContain("keeper is paused");
    expect((await shop.reyns("ps")).stderr).toContain("the DNS lease keeper is paused");
    await shop.must("run all");
    expect(await docker("inspect", "--format", "{{.State.Status}}", await keeper())).toBe(
      "running",
    );
  });

  test("is disconnected", async () => {
    const id = await keeper();
    await docker("network", "disconnect", await networkOf(id), id);
    await healsWithRun("the DNS lease keeper is not in the project's network");
  });

  test("is renamed", async () => {
    const id = await keeper();
    const name = await nameOf(id);
    await docker("rename", id, `${name}-other`);
    await healsWithRun("the DNS lease keeper is renamed, outside Reyns");
    expect(await nameOf(await keeper())).toBe(name);
    expect(await keeperIds(shop.folder)).toHaveLength(1);
  });
});

describe("a run puts right an instance that", () => {
  test("is paused, and leaves its container", async () => {
    const id = await containerOf("db");
    await pauseContainer(id);
    expect((await shop.reyns("getip db")).stderr).toContain("db-one is paused");
    await healsWithRun("paused: db-one");
    expect(await containerOf("db")).toBe(id);
  });

  test("is the DNS, and paused", async () => {
    const id = await containerOf("reyns-dns");
    await pauseContainer(id);
    await healsWithRun("paused: reyns-dns-main");
    expect(await containerOf("reyns-dns")).toBe(id);
  });

  test("is disconnected", async () => {
    const id = await containerOf("db");
    await docker("network", "disconnect", await networkOf(id), id);
    await healsWithRun("not in its networks: db-one");
  });

  test("is renamed, and leaves its container", async () => {
    const id = await containerOf("db");
    const name = await nameOf(id);
    await docker("rename", id, `${name}-other`);
    await healsWithRun("renamed, outside Reyns: db-one");
    expect(await nameOf(id)).toContain(name);
    expect(await containerOf("db")).toBe(id);
  });

  test("is stopped, and its network is removed and made again", async () => {
    const network = await networkOf(await containerOf("db"));
    await shop.must("stop all");
    await docker("network", "rm", network);
    await shop.must("run web");
    await shop.must("run all");
    server = await shop.must("getip reyns-dns main");
    for (const name of ["db-one", "web-one"]) await until(name, () => resolves(name));
  });

  test("is removed with its volume", async () => {
    const ids = [await containerOf("db"), await containerOf("web")];
    const format = '{{range .Mounts}}{{if eq .Destination "/data"}}{{.Name}}{{end}}{{end}}';
    const volume = await docker("inspect", "--format", format, ids[0] ?? "");
    await docker("rm", "-f", ...ids);
    await docker("volume", "rm", volume);
    await shop.must("run all");
    expect(await docker("inspect", "--format", format, await containerOf("db"))).toBe(volume);
  });
});
