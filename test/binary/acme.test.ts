import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { must, run, until } from "../engine/support/images-container.ts";
import {
  acmeDirectory,
  makeAcmeRoot,
  makeOldCertificate,
  startAcmeServer,
  type AcmeServer,
} from "./support/acme-server.ts";
import { containerIds } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";
import { freePort } from "./support/free-port.ts";

setDefaultTimeout(300_000);
beforeAll(importSmallImage);

interface Ports {
  readonly http: number | false;
  readonly https: number;
}

/** A project whose router gets its certificate from an ACME server in the project's network, which does not run yet. */
async function createShop(ports: Ports): Promise<Project> {
  const project = await createProject({ "reyns.ts": definition(ports) });
  await makeAcmeRoot(join(project.folder, "acme"));
  await cp(join(project.folder, "acme/root.crt"), join(project.folder, "root.crt"));
  return project;
}

/** @param more options of the router */
function definition({ http, https }: Ports, more = ""): string {
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

async function startServer({ folder }: Project): Promise<AcmeServer> {
  const filter = `label=io.reyns.folder=${folder}`;
  const network = await must(
    ...["docker", "network", "ls", "--format", "{{.Name}}", "--filter", filter],
  );
  return startAcmeServer(join(folder, "acme"), network);
}

/** The page, by a client that trusts the ACME server's authority alone; empty without a connection. */
async function fetchPage({ folder }: Project, port: number): Promise<string> {
  const host = `shop.example.com:${port}`;
  const words = ["--cacert", join(folder, "root.crt"), "--resolve", `${host}:127.0.0.1`];
  return (await run(["curl", "--silent", ...words, `https://${host}/`])).stdout;
}

async function seePage(project: Project, port: number): Promise<void> {
  const isThere = async (): Promise<boolean> =>
    (await fetchPage(project, port)).includes("welcome to the shop");
  await until("the page", isThere, 180);
}

interface CertificateCheck {
  readonly check: string;
  readonly state: string;
  readonly message: string;
  readonly remedy: string | null;
}

/** What doctor says of the router's certificates. */
async function certificates(project: Project): Promise<readonly CertificateCheck[]> {
  const { stdout } = await project.reyns("doctor --json", { env: { ENGINE_TIMEOUT: "30" } });
  const { checks } = JSON.parse(stdout) as { readonly checks: readonly CertificateCheck[] };
  return checks.filter(({ check }) => check === "router");
}

async function routerId({ folder }: Project): Promise<string> {
  const [id = "none"] = await containerIds(folder, "main");
  return id;
}

test("a router gets a certificate by ACME once the server is there, and does not ask again when it is restarted, killed or replaced", async () => {
  const ports = { http: await freePort(), https: await freePort() };
  await using project = await createShop(ports);
  await project.must("run all");
  await until("the failure", async () => (await certificates(project))[0]?.state === "bad");
  const [failed] = await certificates(project);
  expect(failed?.message).toBe(
    "shop.example.com has no certificate yet: the name of the ACME server is unknown: router({ acme })",
  );
  expect(failed?.remedy).toContain("no such host");
  expect(await project.json("routes")).toMatchObject([
    {
      host: "shop.example.com",
      certificate: null,
      failure: {
        reason: expect.stringContaining("is unknown"),
        message: failed?.remedy?.slice(18),
      },
    },
  ]);
  const { stdout, stderr } = await project.reyns("routes");
  expect(stdout).toContain("none");
  expect(stderr).toContain("warning shop.example.com has no certificate yet: the name of");
  expect(await fetchPage(project, ports.https)).toBe("");

  // A router that runs might ask while the server comes, and once more after its restart.
  await project.must("stop reyns-router");
  await using server = await startServer(project);
  await project.must("start reyns-router");
  await seePage(project, ports.https);
  expect(await server.countOrders()).toBe(1);
  expect(await project.json("routes")).toMatchObject([
    { certificate: { issuer: "Test authority", state: "ok" }, failure: null },
  ]);
  expect(await certificates(project)).toMatchObject([{ state: "ok" }]);

  await project.must("restart reyns-router");
  await seePage(project, ports.https);
  const before = await routerId(project);
  await must("docker", "kill", before);
  await project.must("run all");
  await seePage(project, ports.https);
  await project.write({ "reyns.ts": definition(ports, 'labels: { "com.example.owner": "ops" }') });
  await project.must("run all");
  await seePage(project, ports.https);
  expect(await routerId(project)).not.toBe(before);
  expect(await server.countOrders()).toBe(1);
});

test("a router renews a certificate when less than a third of its time is left", async () => {
  const ports = { http: await freePort(), https: await freePort() };
  await using project = await createShop(ports);
  await project.must("run reyns-router");
  await project.must("stop reyns-router");
  await using server = await startServer(project);
  await project.must("run all");
  await seePage(project, ports.https);
  const router = await routerId(project);
  const inRouter = (script: string): Promise<string> =>
    must("docker", "exec", router, "sh", "-c", script);
  const file = await inRouter("ls /var/lib/caddy/certificates/acme*/shop.example.com/*.crt");
  const folder = join(project.folder, "acme");
  await makeOldCertificate(folder, "shop.example.com");
  for (const kind of ["crt", "key"])
    await must(
      "docker",
      "cp",
      join(folder, `old.${kind}`),
      `${router}:${file.replace(/crt$/, kind)}`,
    );
  await inRouter(`chown caddy:caddy "$(dirname ${file})"/*`);
  const old = await Bun.file(join(folder, "old.crt")).text();

  await project.must("restart reyns-router");
  await until("another certificate", async () => (await inRouter(`cat ${file}`)) !== old.trim());
  expect(await server.countOrders()).toBe(2);
  await seePage(project, ports.https);
  expect(await project.json("routes")).toMatchObject([
    { certificate: { issuer: "Test authority", state: "ok" }, failure: null },
  ]);
});

test("a router without port 80 gets its certificate at port 443", async () => {
  const ports = { http: false, https: await freePort() } as const;
  await using project = await createShop(ports);
  await project.must("run reyns-router");
  await project.must("stop reyns-router");
  await using server = await startServer(project);
  await project.must("run all");
  await seePage(project, ports.https);
  expect(await server.countOrders()).toBe(1);
});
