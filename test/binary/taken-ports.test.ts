import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { must } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(60_000);

/** A port of 127.0.0.1 that is free by TCP and by UDP. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

async function listenByUdp(port: number): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(port, "127.0.0.1");
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

test("by a process, TCP and UDP: its name and number, and nothing is started", async () => {
  const [server, socket] = [createServer().listen(port, "127.0.0.1"), await listenByUdp(port)];
  const { status, stdout, stderr } = await shop.reyns("run reyns-base one", { env });
  expect(stderr).toStartWith(
    `error reyns-base-one publishes port ${port}/tcp+udp on 127.0.0.1, and bun (pid ${process.pid}) has it\n`,
  );
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  server.close();
  socket.close();
  expect(await shop.json("ps all")).toEqual([]);
});

test("by both instances of one run", async () => {
  const { status, stderr } = await shop.reyns("run all", { env });
  expect(stderr).toStartWith(
    `error reyns.ts:5:1: reyns-base-one and reyns-base-two both publish port ${port}/tcp+udp on 127.0.0.1\n`,
  );
  expect(status).toBe(1);
  expect(await shop.json("ps all")).toEqual([]);
});

test("by another instance, of this project and of another one", async () => {
  await shop.must("run reyns-base one", { env });
  const { status, stderr } = await shop.reyns("run reyns-base two", { env });
  expect(stderr).toContain(
    `port ${port}/tcp+udp on 127.0.0.1, and reyns-base-one has it\n      stop it: reyns stop reyns-base one\n`,
  );
  expect(status).toBe(1);

  await using blog = await createProject({ "reyns.ts": reynsTs("blog") });
  const other = await blog.reyns("run reyns-base one", { env });
  expect(other.stderr).toContain(
    `and reyns-base-one of the project shop in ${shop.folder} has it\n`,
  );
  expect(await blog.json("ps all")).toEqual([]);
});

test("by itself it is not: it may run again, and be left alone", async () => {
  expect((await shop.reyns("run reyns-base one", { env })).stderr).toBe(
    "reyns-base-one runs already\n",
  );
  await shop.must("rerun reyns-base one", { env });
  await shop.must("clean all force=true");
});

test("by a stranger's container, on every address", async () => {
  const words = ["--publish", `${port}:7`, "--entrypoint", "sleep", "reyns/reyns-base", "60"];
  const id = await must("docker", "run", "--detach", "--rm", ...words);
  const name = (await must("docker", "inspect", "--format", "{{.Name}}", id)).slice(1);
  const { status, stderr } = await shop.reyns("run reyns-base one", { env });
  await must("docker", "rm", "--force", id);
  expect(stderr).toStartWith(
    `error reyns-base-one publishes port ${port}/tcp on 127.0.0.1, and the container ${name} has it\n`,
  );
  expect(status).toBe(1);
});

test("an address of another host: those of this one are listed", async () => {
  const options = { env: { SERVICE_IP: "203.0.113.77" } };
  const { status, stderr } = await shop.reyns("run reyns-base one", options);
  expect(stderr).toContain("ports cannot be published on 203.0.113.77, which is no address of");
  expect(stderr).toContain("127.0.0.1 (lo)");
  expect(status).toBe(2);
});

test("a DNS on a public address starts only when that is meant", async () => {
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
