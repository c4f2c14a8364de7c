import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { type Inspected, inspectAll } from "./support/engine.ts";
import { createDemo, type Project } from "./support/project.ts";

setDefaultTimeout(60_000);

let demo: Project;

beforeAll(async () => {
  demo = await createDemo();
  await demo.must("build all");
}, 300_000);

afterAll(() => demo?.[Symbol.asyncDispose]());

/** What makes a container what it is, without what is new in each. */
function essence({ Name, Config, HostConfig }: Inspected) {
  return {
    Name,
    Env: Config.Env.toSorted(),
    Image: Config.Image,
    Cmd: Config.Cmd,
    Labels: Config.Labels,
    Dns: HostConfig.Dns,
    DnsSearch: HostConfig.DnsSearch,
    DnsOptions: HostConfig.DnsOptions,
    ExtraHosts: HostConfig.ExtraHosts,
    PortBindings: HostConfig.PortBindings,
    Mounts: HostConfig.Mounts,
  };
}

async function runAndLook(
  line: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> {
  await demo.must(line, { env });
  const containers = await inspectAll(demo.folder);
  await demo.must("clean all force=True");
  return Object.fromEntries([...containers].map(([host, one]) => [host, essence(one)]));
}

const confs = [
  { conf: "default", hosts: ["demo-one", "demo-two", "reyns-dns-main"], env: {} },
  {
    conf: "default-multinode",
    hosts: ["demo-onenode1", "demo-onenode2", "reyns-dns-main"],
    env: { SERVICE_IP: "127.77.0.1", DNS_SERVICE_IP: "127.77.0.1" },
  },
];

for (const { conf, hosts, env } of confs) {
  test(`${conf} gives the same containers from reyns.ts and from ${conf}.conf`, async () => {
    const line = `run all conf=${conf}`;
    const scripted = await runAndLook(line, env);
    await rename(join(demo.folder, "reyns.ts"), join(demo.folder, "aside.ts"));
    const legacy = await runAndLook(line, env);
    await rename(join(demo.folder, "aside.ts"), join(demo.folder, "reyns.ts"));
    expect(Object.keys(scripted).toSorted()).toEqual(hosts);
    expect(legacy).toEqual(scripted);
  });
}
