import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must, run } from "../engine/support/images-container.ts";
import { containerIds } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { reaches } from "./support/reach.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

const proxy = `reyns-test-proxy-${process.pid}`;
const subnet = `10.86.${process.pid % 250}`;
const script = (alias = "shop"): string => `import { network, service } from "reyns";
const proxy = network("proxy", { external: true, name: "${proxy}" });
const web = { image: "${smallImage}", stopSignal: "SIGKILL" };
service("web", { ...web, networks: [
  { network: "default", aliases: ["inner"] },
  { network: proxy, aliases: ["${alias}"], ipv4: "${subnet}.9" } ] });
service("api", { ...web, networks: ["proxy", "default"] });
service("db", { ...web });
`;

let shop: Project;
beforeAll(async () => {
  await importSmallImage();
  shop = await createProject({ "reyns.ts": script() });
});
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
  await run(["docker", "network", "rm", proxy]);
});

async function idOf(service: string): Promise<string> {
  const filters = [`label=io.reyns.service=${service}`, `label=io.reyns.folder=${shop.folder}`];
  return must("docker", "ps", "-q", ...filters.flatMap((filter) => ["--filter", filter]));
}

test("a run without its external network fails before anything starts", async () => {
  const { status, stderr } = await shop.reyns("run all");
  expect(status).toBe(2);
  expect(stderr).toStartWith(
    `error reyns.ts:2:15: there is no network "${proxy}", which is external\n`,
  );
  expect(await containerIds(shop.folder)).toEqual([]);
});

test("instances of an external network reach each other there, and others do not", async () => {
  await must("docker", "network", "create", "--subnet", `${subnet}.0/24`, proxy);
  await shop.must("run all");
  const outside = ["docker", "run", "-d", "--network", proxy, smallImage];
  const visitor = await must(...(outside as [string, ...string[]]));
  try {
    expect(await reaches(visitor, "shop")).toBe(true);
    expect(await reaches(visitor, "api-one")).toBe(true);
    expect(await reaches(visitor, "db")).toBe(false);
    expect(await reaches(visitor, "inner")).toBe(false);
  } finally {
    await must("docker", "rm", "-f", visitor);
  }
  const [web, db] = [await idOf("web"), await idOf("db")];
  expect(await reaches(web, "api")).toBe(true);
  expect(await reaches(db, "inner")).toBe(true);
  const address = `{{(index .NetworkSettings.Networks "${proxy}").IPAddress}}`;
  expect(await must("docker", "inspect", "--format", address, web)).toBe(`${subnet}.9`);
  expect(await shop.must("info web")).toContain(`${proxy}: ${subnet}.9`);
});

test("plan shows a changed alias, and run replaces the instance", async () => {
  expect(await shop.must("plan all")).toBe("Nothing to do: 3 unchanged");
  await shop.write({ "reyns.ts": script("store") });
  const planned = await shop.must("plan all");
  expect(planned).toContain(`"${proxy} ${subnet}.9: shop, web, web-one"`);
  expect(planned).toContain(`"${proxy} ${subnet}.9: store, web, web-one"`);
  await shop.must("run all");
  expect(await shop.must("plan all")).toBe("Nothing to do: 3 unchanged");
});

test("clean leaves an external network", async () => {
  await shop.must("clean all yes=true");
  expect(await must("docker", "network", "ls", "--format", "{{.Name}}")).toContain(proxy);
});
