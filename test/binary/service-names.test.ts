// Without a DNS, the Engine's own resolver leads from a service's name to its instances.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { run } from "../engine/support/images-container.ts";
import { inspectAll } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

const definition = (more = ""): string => `import { project, ready, service } from "reyns";
project("names");
const settings = { image: "debian:bookworm-slim", init: true, command: ["sleep", "600"], ready: ready.started() };
service("db", settings);
for (const instance of ["one", "two", "three"]) service("web", { ...settings, instance });
service("client", settings);
${more}`;

const hosts = ["db-one", "web-one", "web-two", "web-three", "client-one"];

let shop: Project;

beforeAll(async () => {
  shop = await createProject({ "reyns.ts": definition() });
  await shop.must("run all");
});
afterAll(() => shop?.[Symbol.asyncDispose]());

/** Addresses that a name resolves to in an instance, as its programs see them. */
async function resolve(host: string, name: string): Promise<string[]> {
  const { Id = "none" } = (await inspectAll(shop.folder)).get(host) ?? {};
  const { stdout } = await run(["docker", "exec", Id, "getent", "ahostsv4", name]);
  return [...new Set(stdout.match(/^[\d.]+/gm))].toSorted();
}

const addressesOf = async (...instances: string[]): Promise<string[]> =>
  (await Promise.all(instances.map((name) => shop.must(`getip ${name}`)))).toSorted();

test("a service's name leads to all of its instances, from everywhere and without a link", async () => {
  const all = await addressesOf("web one", "web two", "web three");
  const db = await addressesOf("db one");
  for (const host of hosts) {
    expect([host, await resolve(host, "web")]).toEqual([host, all]);
    expect([host, await resolve(host, "db")]).toEqual([host, db]);
  }
});

test("a host's name leads to that instance alone", async () => {
  for (const instance of ["one", "two", "three"])
    expect(await resolve("client-one", `web-${instance}`)).toEqual(
      await addressesOf(`web ${instance}`),
    );
});

test("a stopped or removed instance leaves the service's name, and a started one joins it", async () => {
  await shop.must("stop web three");
  await shop.must("clean web two");
  expect(await resolve("client-one", "web")).toEqual(await addressesOf("web one"));
  await shop.must("run all");
  const all = await addressesOf("web one", "web two", "web three");
  expect(await resolve("client-one", "web")).toEqual(all);
});

test("a replaced instance and one more have the service's name", async () => {
  await shop.must("rerun web two");
  await shop.must("run web four new=true");
  const all = await addressesOf("web one", "web two", "web three", "web four");
  expect(await resolve("db-one", "web")).toEqual(all);
});
