import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must } from "../engine/support/images-container.ts";
import { containerIds, execIn } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

const fields = `
  image: "${smallImage}", stopSignal: "SIGKILL", init: true,
  domainname: "example.com", macAddress: "02:42:ac:11:00:09",
  dns: ["192.0.2.53"], dnsSearch: "example.com", dnsOpt: ["ndots:3"],
  cpuShares: 512, cpuset: "0", cpuQuota: "25ms", cpuPeriod: 50000,
  memLimit: "64m", memswapLimit: "96m", oomScoreAdj: 300, deviceCgroupRules: ["c 1:3 mr"],
  usernsMode: "host", cgroup: "private", cgroupParent: "/reyns-test", runtime: "runc",
  envFile: [{ path: "nowhere.env", required: false }, { path: "web.env" }],
`;
const definition = (text: string): string => `import { network, service } from "reyns";
service("web", { instance: "one", ${text} });
service("web", { instance: "two", image: "${smallImage}", stopSignal: "SIGKILL", uts: "host" });
`;

let shop: Project;
beforeAll(async () => {
  await importSmallImage();
  shop = await createProject({ "reyns.ts": definition(fields), "web.env": "A=file\n" });
  await shop.must("run all");
});
afterAll(() => shop?.[Symbol.asyncDispose]());

test("run passes each field to the Engine", async () => {
  const [id = ""] = await containerIds(shop.folder, "one");
  const [container] = JSON.parse(await must("docker", "inspect", id)) as [object];
  expect(container).toMatchObject({
    Config: { Domainname: "example.com", Env: expect.arrayContaining(["A=file"]) as string[] },
    HostConfig: {
      Dns: ["192.0.2.53"],
      DnsSearch: ["example.com"],
      DnsOptions: ["ndots:3"],
      CpuShares: 512,
      CpusetCpus: "0",
      CpuQuota: 25_000,
      CpuPeriod: 50_000,
      Memory: 67_108_864,
      MemorySwap: 100_663_296,
      OomScoreAdj: 300,
      DeviceCgroupRules: ["c 1:3 mr"],
      UsernsMode: "host",
      CgroupnsMode: "private",
      CgroupParent: "/reyns-test",
      Runtime: "runc",
    },
  });
});

test("the container has what its fields say", async () => {
  const script =
    "cat /proc/1/oom_score_adj /sys/class/net/eth0/address; busybox nproc; busybox grep -v nameserver /etc/resolv.conf";
  const seen = await execIn(shop.folder, "one", "sh", "-c", script);
  expect(seen.split("\n").filter((line) => !line.startsWith("#") && line !== "")).toEqual([
    "300",
    "02:42:ac:11:00:09",
    "1",
    "search example.com",
    "options ndots:3",
  ]);
  const names = await execIn(shop.folder, "two", "busybox", "hostname");
  expect(names.trim()).toBe((await must("hostname")).trim());
});

test("plan compares each field, and finds nothing to do when they are the same", async () => {
  expect(await shop.must("plan all")).toBe("Nothing to do: 2 unchanged");
  const changed = fields
    .replace("cpuShares: 512", "cpuShares: 600")
    .replace("ndots:3", "ndots:4")
    .replace('"96m"', "-1");
  await shop.write({ "reyns.ts": definition(changed) });
  const planned = await shop.must("plan all");
  expect(planned).toMatch(/cpuShares +"512" -> "600"/);
  expect(planned).toMatch(/memswapLimit +"96m" -> "-1"/);
  expect(planned).toMatch(/dns +"options ndots:3" -> "options ndots:4"/);
});

const both = (mac: string): string =>
  `networks: ["default", { network: network("more", {}), mac: "${mac}" }]`;

test.each([
  ['annotations: { "a.b": 1 }', "annotations", 43, "true"],
  [
    both("02:42:ac:11:00:19"),
    "networks.mac",
    44,
    "grep 02:42:ac:11:00:19 /sys/class/net/*/address",
  ],
  ['networks: [{ network: "default", gwPriority: 5 }]', "networks.gwPriority", 48, "true"],
  [
    'networks: [{ network: "default", interfaceName: "lan" }]',
    "networks.interfaceName",
    49,
    "cat /sys/class/net/lan/address",
  ],
])(
  "%s works, or fails before anything changes on an Engine that is too old for %s",
  async (text, field, minor, check) => {
    await shop.write({
      "reyns.ts": definition(fields.replace("init: true,", `init: true, ${text},`)),
    });
    const before = await containerIds(shop.folder);
    const { status, stderr } = await shop.reyns("run all");
    const version = ["docker", "version", "--format", "{{.Server.APIVersion}}"];
    const [, newest] = (await must(...version)).trim().split(".");
    if (Number(newest) >= minor) {
      expect({ status, stderr }).toMatchObject({ status: 0 });
      await execIn(shop.folder, "one", "busybox", "sh", "-c", check);
      return;
    }
    expect(status).toBe(2);
    expect(stderr).toContain(`web-one: this Engine does not have ${field}`);
    expect(stderr).toContain("reyns.ts:3:");
    expect(await containerIds(shop.folder)).toEqual(before);
  },
);
