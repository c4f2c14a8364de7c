// The range of a project's network, on hosts that use the usual one.
import { expect, setDefaultTimeout, test } from "bun:test";
import { must, run } from "../engine/support/images-container.ts";
import { createProject } from "./support/project.ts";
import { installation } from "./support/reyns.ts";

setDefaultTimeout(240_000);

const files = {
  "reyns.ts": `import { project, ready, service } from "reyns";
project("ranges");
service("web", { image: "debian:bookworm-slim", command: ["sleep", "600"], init: true, ready: ready.started() });
`,
};

async function subnetOf(folder: string): Promise<string> {
  const [id = ""] = (
    await must("docker", "network", "ls", "-q", "--filter", `label=io.reyns.folder=${folder}`)
  ).split("\n");
  return must("docker", "network", "inspect", "--format", "{{(index .IPAM.Config 0).Subnet}}", id);
}

test("a route for 10.0.0.0/8 leads to another range, which stays", async () => {
  await using shop = await createProject(files);
  const script = `ip link set lo up; ip link add vpn0 type bridge; ip link set vpn0 up
    ip addr add 10.9.8.7/32 dev vpn0; ip route add 10.0.0.0/8 dev vpn0; cd "$1"; "$2" run all`;
  const { executable } = await installation();
  const call = await run(["unshare", "-n", "sh", "-c", script, "-", shop.folder, executable]);
  expect(call).toMatchObject({ status: 0 });
  const subnet = await subnetOf(shop.folder);
  expect(subnet).toMatch(/^(172\.(1[6-9]|2\d|3[01])|192\.168)\./);
  expect((await shop.reyns("run all")).stderr).toContain("up to date: web-one\n");
  await shop.must("rerun web");
  expect(await subnetOf(shop.folder)).toBe(subnet);
});

test("NETWORK_POOL chooses the range", async () => {
  await using shop = await createProject({
    ...files,
    "host.conf": '{ "NETWORK_POOL": "10.77.0.0/16" }',
  });
  await shop.must("run all");
  expect(await subnetOf(shop.folder)).toMatch(/^10\.77\./);
  await shop.must("clean all");
  const { status, stderr } = await shop.reyns("run all", { env: { NETWORK_POOL: "10.77.0.0" } });
  expect(status).toBe(2);
  expect(stderr).toContain('NETWORK_POOL is "10.77.0.0"');
});

test("a free port, or one of a range, is chosen by the Engine, and stays when its container is replaced", async () => {
  await using shop = await createProject({
    "reyns.ts": `import { project, ready, service } from "reyns";
project("ranges");
service("web", { image: "debian:bookworm-slim", command: ["sleep", "600"], init: true, ready: ready.started(),
  env: { VERSION: process.env.VERSION ?? "1" }, ports: ["127.0.0.1::80", "[::1]:28080:80", "28081-28082:81-82",
    "127.0.0.1:28083-28089:83"] });
`,
  });
  type Ports = { ports: { container: number; host: number; ip: string }[] }[];
  const portsOf = async () => ((await shop.json("ps")) as Ports)[0]?.ports ?? [];
  await shop.must("run all");
  const ports = await portsOf();
  const free = ports.find(({ container, ip }) => container === 80 && ip === "127.0.0.1");
  expect(free?.host).toBeGreaterThan(1024);
  expect(ports).toContainEqual(expect.objectContaining({ container: 80, host: 28080, ip: "::1" }));
  for (const [container, host] of [
    [81, 28081],
    [82, 28082],
  ])
    expect(ports).toContainEqual(expect.objectContaining({ container, host }));
  const some = ports.find(({ container }) => container === 83);
  expect(some?.host).toBeWithin(28083, 28090);
  expect((await shop.reyns("run all")).stderr).toContain("up to date: web-one\n");

  await shop.must("run all", { env: { VERSION: "2" } });
  for (const kept of [free, some])
    expect(await portsOf()).toContainEqual(expect.objectContaining({ ...kept }));
});
