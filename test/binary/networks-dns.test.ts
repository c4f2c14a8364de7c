// What a DNS answers, and to whom, where instances are in several networks.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createProject, type Project } from "./support/project.ts";
import { containerOf, reaches } from "./support/reach.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(300_000);

let shop: Project;
beforeAll(async () => {
  await importSmallImage();
  shop = await createProject({
    "reyns.ts": `import { dns, network, ready, service } from "reyns";
dns();
network("back", { internal: true });
const small = { image: "${smallImage}", stopSignal: "SIGKILL", ready: ready.started() };
service("api", small);
service("web", { ...small, networks: ["back", "default"] });
service("db", { ...small, networks: ["back"] });
`,
  });
  await shop.must("run all");
});
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
});

const container = (service: string): Promise<string> => containerOf(shop.folder, service);

test("the DNS has the instances of the project's own network, and no others", async () => {
  const names = ((await shop.json("dns")) as { name: string }[]).map(({ name }) => name);
  expect(names.join(" ")).toContain("web-one");
  expect(names.join(" ")).not.toContain("db");
  const api = await container("api");
  expect(await reaches(api, "web-one.local.zone")).toBe(true);
  expect(await reaches(api, "web")).toBe(true);
  expect(await reaches(api, "db")).toBe(false);
});

test("an instance in both networks resolves the names of both", async () => {
  const web = await container("web");
  for (const name of ["api", "api-one.local.zone", "db", "db-one"])
    expect(await reaches(web, name)).toBe(true);
});

test("an instance outside it resolves the names that share a network with it", async () => {
  const db = await container("db");
  expect(await reaches(db, "web")).toBe(true);
  expect(await reaches(db, "api-one.local.zone")).toBe(false);
});
