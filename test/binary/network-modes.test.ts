// Instances in the network of another one, in the host's, and in none.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must, run } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";
import { containerOf } from "./support/reach.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

interface Vpn {
  readonly version: string;
  readonly command?: string;
}

const script = ({ version, command = "busybox httpd -f -p 80" }: Vpn): string => `
import { ready, service } from "reyns";
const small = { image: "${smallImage}", stopSignal: "SIGKILL" };
const vpn = service("vpn", { ...small, env: { VERSION: "${version}" }, ready: ready.tcp(80),
  command: ${JSON.stringify(command.split(" "))} });
service("web", { ...small, networkMode: vpn, ready: ready.tcp(81), command: ["busybox", "httpd", "-f", "-p", "81"] });
service("alone", { ...small, networkMode: "none", ready: ready.tcp(82), command: ["busybox", "httpd", "-f", "-p", "82"] });
service("near", { ...small, networkMode: "host", ready: ready.started() });
service("client", { ...small, ready: ready.started() });
`;

let shop: Project;
beforeAll(async () => {
  await importSmallImage();
  shop = await createProject({ "reyns.ts": script({ version: "1" }) });
});
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
});

/** Whether a port of the instance vpn accepts connections. */
async function accepts(port: number): Promise<boolean> {
  const client = await containerOf(shop.folder, "client");
  const call = ["docker", "exec", client, "busybox", "nc", "-w", "9", "vpn", String(port)];
  return (await run(call)).status === 0;
}

async function modeOf(service: string): Promise<string> {
  const format = "{{.HostConfig.NetworkMode}}";
  return must("docker", "inspect", "--format", format, await containerOf(shop.folder, service));
}

test("an instance in another one's network is reached at its address", async () => {
  await shop.must("run all");
  expect(await modeOf("web")).toBe(`container:${await containerOf(shop.folder, "vpn")}`);
  expect([await accepts(80), await accepts(81), await accepts(83)]).toEqual([true, true, false]);
  expect(await shop.must("getip web")).toBe(await shop.must("getip vpn"));
  expect(await shop.must("plan all")).toBe("Nothing to do: 5 unchanged");
});

test("one in no network has its loopback only, and is ready when its port is open", async () => {
  const alone = await containerOf(shop.folder, "alone");
  const links = await must("docker", "exec", alone, "busybox", "ip", "-o", "link");
  expect(links.split("\n").filter((line) => /^\d+: eth/.test(line))).toEqual([]);
  expect(
    (await run(["docker", "exec", alone, "busybox", "ping", "-c1", "-W1", "10.0.0.1"])).status,
  ).not.toBe(0);
  expect((await shop.reyns("ps")).stderr).toBe("");
  expect([await modeOf("alone"), await modeOf("near")]).toEqual(["none", "host"]);
});

test("when the other one is replaced, so is the instance in its network, also if it is not named", async () => {
  const before = await containerOf(shop.folder, "web");
  await shop.write({ "reyns.ts": script({ version: "2" }) });
  expect(await shop.must("plan vpn")).toContain("vpn-one, whose network it shares, is a new one");
  await shop.must("run vpn");
  expect(await containerOf(shop.folder, "web")).not.toBe(before);
  expect([await accepts(80), await accepts(81)]).toEqual([true, true]);
});

test("if the new version fails, the former versions of both run again", async () => {
  const [vpn, web] = [await containerOf(shop.folder, "vpn"), await containerOf(shop.folder, "web")];
  await shop.write({ "reyns.ts": script({ version: "3", command: "sh -c exit" }) });
  const { status, stderr } = await shop.reyns("run all");
  expect({ status, stderr }).toMatchObject({ status: 1 });
  expect(stderr).toContain("run again");
  expect([await containerOf(shop.folder, "vpn"), await containerOf(shop.folder, "web")]).toEqual([
    vpn,
    web,
  ]);
  expect([await accepts(80), await accepts(81)]).toEqual([true, true]);
  await shop.write({ "reyns.ts": script({ version: "2" }) });
  expect(await shop.must("plan all")).toBe("Nothing to do: 5 unchanged");
});

test("restart, and stop and start, of the other one take the instance along", async () => {
  await shop.must("restart vpn");
  expect([await accepts(80), await accepts(81)]).toEqual([true, true]);
  await shop.must("stop vpn");
  await shop.must("start vpn");
  expect([await accepts(80), await accepts(81)]).toEqual([true, true]);
});

test("a lost container of the other one is replaced together with the instance", async () => {
  await must("docker", "rm", "-f", await containerOf(shop.folder, "vpn"));
  await shop.must("run all");
  expect([await accepts(80), await accepts(81)]).toEqual([true, true]);
  expect(await shop.must("plan all")).toBe("Nothing to do: 5 unchanged");
});

test("a command in a fresh container shares the network, too", async () => {
  const { stdout } = await shop.reyns("run web -- busybox ip -o -4 addr");
  expect(stdout).toContain(await shop.must("getip vpn"));
});

test("an instance in the network of a container that is not the project's reaches it on its loopback", async () => {
  const vpn = `reyns-test-vpn-${process.pid}`;
  await must(
    "docker",
    "run",
    "-d",
    "--name",
    vpn,
    smallImage,
    "busybox",
    "httpd",
    "-f",
    "-p",
    "80",
  );
  try {
    await using side = await createProject({
      "reyns.ts": `import { ready, service } from "reyns";
service("side", { image: "${smallImage}", stopSignal: "SIGKILL", networkMode: "container:${vpn}", ready: ready.started() });
`,
    });
    await side.must("run all");
    await side.must(["shell", "side", "--", "busybox", "nc", "-w", "3", "127.0.0.1", "80"]);
    expect((await side.reyns("run all")).stderr).toContain("up to date: side-one\n");
  } finally {
    await must("docker", "rm", "-f", vpn);
  }
});
