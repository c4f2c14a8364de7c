import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { must, run, until } from "../engine/support/images-container.ts";
import {
  acmeDirectory,
  makeAcmeRoot,
  startAcmeServer,
  type AcmeServer,
} from "./support/acme-server.ts";
import { containerIds } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";
import { freePort } from "./support/sshd.ts";

setDefaultTimeout(300_000);

let project: Project;
let server: AcmeServer;
let ports = { http: 0, https: 0 };

/** A project whose router gets its certificates from an ACME server in the project's network. */
beforeAll(async () => {
  await importSmallImage();
  ports = { http: await freePort(), https: await freePort() };
  project = await createProject({ "reyns.ts": definition("") });
  await makeAcmeRoot(join(project.folder, "acme"));
  await cp(join(project.folder, "acme/root.crt"), join(project.folder, "root.crt"));
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await project?.[Symbol.asyncDispose]();
});

/** @param more options of the router */
function definition(more: string): string {
  const { http, https } = ports;
  return `
    import { file, project, router, service } from "reyns";
    project("acme-${process.pid}");
    router({
      http: ${http},
      https: ${https},
      email: "ops@example.com",
      acme: "${acmeDirectory}",
      acmeRoot: file("./root.crt"),
      networks: [{ network: "default", aliases: ["shop.example.com"] }],
      ${more}
    });
    service("shop", {
      image: "${smallImage}",
      command: ["busybox", "httpd", "-f", "-p", "8000", "-h", "/srv"],
      files: { "/srv/index.html": "welcome to the shop" },
      route: { host: "shop.example.com", port: 8000 },
    });
  `;
}

/** The page, by a client that trusts the ACME server's authority alone. */
async function fetchPage(): Promise<string> {
  const host = `shop.example.com:${ports.https}`;
  const words = ["--cacert", join(project.folder, "root.crt"), "--resolve", `${host}:127.0.0.1`];
  return (await run(["curl", "--silent", ...words, `https://${host}/`])).stdout;
}

async function routerId(): Promise<string> {
  const [id = "none"] = await containerIds(project.folder, "main");
  return id;
}

test("a router gets a certificate by ACME when the server is there, and keeps it", async () => {
  await project.must("run all");
  expect(await fetchPage()).toBe("");
  const network = await networkName();
  server = await startAcmeServer(join(project.folder, "acme"), network);
  await project.must("restart reyns-router");
  await until("the page", async () => (await fetchPage()).includes("welcome to the shop"), 120);
  expect(await server.countOrders()).toBe(1);

  await project.must("restart reyns-router");
  await until("the page", async () => (await fetchPage()).includes("welcome to the shop"), 60);
  const before = await routerId();
  await must("docker", "kill", before);
  await project.must("run all");
  await until("the page", async () => (await fetchPage()).includes("welcome to the shop"), 60);
  await project.write({ "reyns.ts": definition('labels: { "com.example.owner": "ops" }') });
  await project.must("run all");
  await until("the page", async () => (await fetchPage()).includes("welcome to the shop"), 60);
  expect(await routerId()).not.toBe(before);
  expect(await server.countOrders()).toBe(1);
});

async function networkName(): Promise<string> {
  const filter = `label=io.reyns.folder=${project.folder}`;
  return must("docker", "network", "ls", "--format", "{{.Name}}", "--filter", filter);
}
