import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createServer, type Server } from "node:net";
import { listOwned, createProject, type Project } from "./support/project.ts";
import { thisProcess } from "./support/this-process.ts";

setDefaultTimeout(240_000);

let shop: Project;
let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  port = (server.address() as { port: number }).port;
  shop = await createProject({
    "services/web/Dockerfile": `# reyns: expose 80 as ${port}\nFROM reyns/reyns-base\n`,
    "reyns.ts": `import { fromInterface, project, service } from "reyns";
project("refused");
service("web", { instance: "taken", publishPorts: true, env: { SERVICE_IP: "127.0.0.1" } });
service("web", { instance: "lost", env: { SERVICE_IP: fromInterface("eth99") } });
service("ghost", { instance: "one", image: "reyns-test/no-such-image:1" });
service("web", { instance: "master" });
service("web", { instance: "broken", extraArgs: "--device /dev/none" });
`,
  });
  await shop.must("build all");
}, 300_000);

afterAll(async () => {
  server?.close();
  await shop?.[Symbol.asyncDispose]();
});

test("run reports a port that another process uses, and leaves no container", async () => {
  const { status, stderr } = await shop.reyns("run web taken");
  expect(stderr).toStartWith(
    `error web-taken: port ${port}/tcp on 127.0.0.1 is taken by ${thisProcess}\n      stop it, or publish another port`,
  );
  expect(status).toBe(1);
  expect(await shop.json("ps all")).toEqual([]);
});

test("run lists the interfaces when one does not exist", async () => {
  const { status, stderr } = await shop.reyns("run web lost");
  expect(stderr).toContain('SERVICE_IP is "from_eth99", but this host has no interface "eth99"');
  expect(stderr).toContain("lo (127.0.0.1)");
  expect(status).toBe(2);
  expect(await shop.json("ps all")).toEqual([]);
});

test("run reports an image that no registry has", async () => {
  const { status, stderr } = await shop.reyns("run ghost one");
  expect(stderr).toContain("error cannot pull the image reyns-test/no-such-image:1");
  expect(stderr).toContain("docker pull reyns-test/no-such-image:1");
  expect(status).toBe(1);
  const missing = { service: "ghost", instance: "one", state: "missing" };
  expect(await shop.json("ps all")).toMatchObject([missing]);
});

test("run requires SERVICE_IP for a master", async () => {
  const { status, stderr } = await shop.reyns("run web master");
  expect(stderr).toContain("error missing value: SERVICE_IP");
  expect(status).toBe(2);
});

test("run refuses a SERVICE_IP that is no address", async () => {
  const { status, stderr } = await shop.reyns("run web lost env=SERVICE_IP=here");
  expect(stderr).toContain('web-lost: SERVICE_IP is "here"');
  expect(status).toBe(2);
});

test("run keep=true warns of an instance that runs an outdated definition, and leaves it", async () => {
  await shop.must("run reyns-base one");
  const before = await shop.json("ps");
  const env = { SERVICE_IP: "127.0.0.1" };
  const { status, stderr } = await shop.reyns("run reyns-base one keep=true", { env });
  expect(stderr).toContain(
    "warning reyns-base-one runs an outdated definition (changed: env SERVICE_IP)\n",
  );
  expect(status).toBe(0);
  expect(await shop.json("ps")).toEqual(before);
  await shop.must("clean all");
});

test("clean removes the network that a failed run has left", async () => {
  await shop.reyns("run web broken");
  expect(await listOwned(shop.folder)).toHaveLength(1);
  const { stderr } = await shop.reyns("clean all");
  expect(stderr).toContain("✓ network removed");
  expect(await listOwned(shop.folder)).toEqual([]);
  expect((await shop.reyns("clean all")).stderr).toBe("nothing to clean\n");
});
