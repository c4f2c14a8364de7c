import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { query } from "../../src/dns/client/query.ts";
import { must, until } from "../engine/support/images-container.ts";
import { containerIds, keeperIds } from "./support/engine.ts";
import { createProject, listOwned, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

let shop: Project;
let server = "";

// A ready image that ends at once when it is told to, and whose leases are short.
beforeAll(async () => {
  shop = await createProject({
    "reyns.ts": `
import { dns, link, project, service } from "reyns";
project("shop");
const ns = dns({ lease: 6, renew: 1 });
const command = ["perl", "-e", "$SIG{TERM} = sub { exit }; sleep 1 while 1"];
for (const instance of ["one", "two"])
  service("db", { image: "debian:bookworm-slim", instance, command, links: [link(ns)], env: { DNS_UPDATE_POLICY: "APPEND" } });
`,
  });
  await shop.must("run all");
  server = await shop.must("getip reyns-dns main");
}, 300_000);

afterAll(() => shop?.[Symbol.asyncDispose]());

async function inZone(name: string): Promise<readonly string[]> {
  return (await query(`${name}.local.zone`, "A", { server, timeout: 20_000 })).addresses.toSorted();
}

async function listed(): Promise<string[]> {
  const [id = "none"] = await keeperIds(shop.folder);
  return (await must("docker", "exec", id, "cut", "-d", " ", "-f", "1", "/run/reyns/leases")).split(
    "\n",
  );
}

const addressOf = (instance: string): Promise<string> => shop.must(`getip db ${instance}`);

test("one keeper serves all ready images, and no command counts it as an instance", async () => {
  expect(await keeperIds(shop.folder)).toHaveLength(1);
  expect(await listed()).toEqual(["db-one", "db-two"]);
  for (const command of ["ps all", "status"]) {
    const shown = (await shop.json(command)) as { hostname: string }[];
    expect(shown.map(({ hostname }) => hostname)).toEqual(["db-one", "db-two", "reyns-dns-main"]);
  }
  expect((await shop.reyns("logs keeper")).status).toBe(2);
});

/** How often the lease of db-one has been renewed. */
async function renewals(): Promise<number> {
  const { records } = await query("db-one._lease.local.zone", "TXT", { server, timeout: 20_000 });
  const data = records[0]?.data;
  const seq = data?.type === "TXT" ? data.strings.find((text) => text.startsWith("seq=")) : "";
  return Number(seq?.slice(4));
}

/** Checks again and again until db-one's lease has been renewed more often than one lease lasts. */
async function forLongerThanALease(check: () => Promise<void>): Promise<void> {
  const last = (await renewals()) + 6;
  await until("the renewals", async () => {
    await check();
    return (await renewals()) > last;
  });
}

test("the keeper renews leases", async () => {
  await forLongerThanALease(async () => expect(await inZone("db")).toHaveLength(2));
});

test("the names of a killed instance expire, and come back when it starts", async () => {
  const [id = "none"] = await containerIds(shop.folder, "two");
  await must("docker", "kill", id);
  await until("its names are gone", async () => (await inZone("db-two")).length === 0);
  const left = await addressOf("one");
  await until("only one is left", async () => (await inZone("db")).join() === left);
  await must("docker", "start", id);
  await until("its names are back", async () => (await inZone("db")).length === 2);
});

test("stop removes the names of an instance at once and for good, and start brings them back", async () => {
  await shop.must("stop db two");
  expect(await inZone("db-two")).toEqual([]);
  expect(await listed()).toEqual(["db-one"]);
  await forLongerThanALease(async () => expect(await inZone("db-two")).toEqual([]));
  await shop.must("start db two");
  expect(await inZone("db")).toHaveLength(2);
  expect(await listed()).toEqual(["db-one", "db-two"]);
});

test("a run that changes nothing does not touch the keeper", async () => {
  const { stderr } = await shop.reyns("run all", { env: { LOG_LEVEL: "DEBUG" } });
  expect(stderr.match(/^debug (POST|PUT|DELETE) .*/gm)).toBeNull();
});

test("the keeper is removed with the last instance that it serves", async () => {
  await shop.must("clean db one");
  expect(await keeperIds(shop.folder)).toHaveLength(1);
  await shop.must("clean db two");
  expect(await keeperIds(shop.folder)).toEqual([]);
  await shop.must("run db one");
  await shop.must("clean all force=true");
  expect(await listOwned(shop.folder)).toEqual([]);
});
