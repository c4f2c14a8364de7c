import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { must } from "../engine/support/images-container.ts";
import { freePort } from "./support/free-port.ts";
import { createProject, type Project } from "./support/project.ts";
import { thisProcess } from "./support/this-process.ts";

setDefaultTimeout(240_000);

async function listenByTcp(number: number): Promise<Server> {
  const server = createServer().listen(number, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function listenByUdp(number: number): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(number, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

const env = { SERVICE_IP: "127.0.0.1" };
let port: number;
let shop: Project;

function reynsTs(name: string): string {
  const both = `[{ container: 7, host: ${port}, protocol: "udp" }, { container: 7, host: ${port} }]`;
  return `import { conf, project, service } from "reyns";
project("${name}");
const ports = ${both};
service("reyns-base", { instance: "one", ports });
service("reyns-base", { instance: "two", ports });
`;
}

beforeAll(async () => {
  port = await freePort();
  shop = await createProject({ "reyns.ts": reynsTs("shop") });
  await shop.must("init");
}, 300_000);

afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
});

test("run names the process that uses a port by TCP and UDP, and starts nothing", async () => {
  await using listeners = new AsyncDisposableStack();
  listeners.use(await listenByTcp(port));
  listeners.use(await listenByUdp(port));
  const { status, stdout, stderr } = await shop.reyns("run reyns-base one", { env });
  expect(stderr).toStartWith(
    `error reyns.ts:4:42: reyns-base-one: port ${port}/tcp+udp on 127.0.0.1 is taken by ${thisProcess}\n`,
  );
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(await shop.json("ps all")).toEqual([]);
});

test("run reports two instances that publish the same port", async () => {
  const { status, stderr } = await shop.reyns("run all", { env });
  expect(stderr).toStartWith(
    `error reyns.ts:5:42: reyns-base-one and reyns-base-two both publish port ${port}/tcp+udp on 127.0.0.1\n`,
  );
  expect(status).toBe(1);
  expect(await shop.json("ps all")).toEqual([]);
});

test("run names the instance that uses a port, in this project or another", async () => {
  await shop.must("run reyns-base one", { env });
  const { status, stderr } = await shop.reyns("run reyns-base two", { env });
  expect(stderr).toContain(
    `reyns.ts:5:42: reyns-base-two: port ${port}/tcp+udp on 127.0.0.1 is taken by reyns-base-one\n`,
  );
  expect(stderr).toContain("      stop it: reyns stop reyns-base one\n");
  expect(status).toBe(1);

  await using blog = await createProject({ "reyns.ts": reynsTs("blog") });
  const other = await blog.reyns("run reyns-base one", { env });
  expect(other.stderr).toContain(`by reyns-base-one of the project shop in ${shop.folder}\n`);
  expect(await blog.json("ps all")).toEqual([]);
});

test("start reports a port that was taken while the instance was stopped", async () => {
  await shop.must("stop reyns-base one");
  await using server = await listenByTcp(port);
  expect(server.listening).toBe(true);
  const { status, stderr } = await shop.reyns("start reyns-base one");
  expect(stderr).toContain(`port ${port}/tcp is in use on this host`);
  expect(status).toBe(1);
});

test("run and rerun accept a port that the instance itself publishes", async () => {
  await shop.must("start reyns-base one");
  expect((await shop.reyns("run reyns-base one", { env })).stderr).toBe(
    "up to date: reyns-base-one\n",
  );
  await shop.must("rerun reyns-base one", { env });
  await shop.must("clean all force=true");
});

test("run names a foreign container that uses a port on every address", async () => {
  const words = ["--publish", `${port}:7`, "--entrypoint", "sleep", "reyns/reyns-base", "60"];
  const id = await must("docker", "run", "--detach", ...words);
  const name = (await must("docker", "inspect", "--format", "{{.Name}}", id)).slice(1);
  const { status, stderr } = await shop.reyns("run reyns-base one", { env });
  await must("docker", "rm", "--force", id);
  expect(stderr).toStartWith(
    `error reyns.ts:4:42: reyns-base-one: port ${port}/tcp on 127.0.0.1 is taken by the container ${name}\n`,
  );
  expect(status).toBe(1);
});

test("run lists this host's addresses when one is not its own", async () => {
  const options = { env: { SERVICE_IP: "198.51.100.77" } };
  const { status, stderr } = await shop.reyns("run reyns-base one", options);
  expect(stderr).toContain("ports cannot be published on 198.51.100.77, which is no address of");
  expect(stderr).toContain("127.0.0.1 (lo)");
  expect(status).toBe(2);
});

test("run publishes a DNS on a public address only with allow_public=true", async () => {
  const options = { env: { SERVICE_IP: "127.0.0.1", PUBLISH_ON_IP: "93.184.216.34" } };
  const refused = await shop.reyns("run reyns-dns published", options);
  expect(refused.stderr).toContain("reyns-dns-published: 93.184.216.34 is a public address");
  expect(refused.stderr).toContain("add allow_public=true");
  expect(refused.status).toBe(2);
  // Told to, it goes as far as this host's addresses.
  const { stderr } = await shop.reyns("run reyns-dns published allow_public=true", options);
  expect(stderr).not.toContain("public address");
  expect(await shop.json("ps all")).toEqual([]);
});
