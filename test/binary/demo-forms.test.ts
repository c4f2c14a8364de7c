import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { type Inspected, inspectAll } from "./support/engine.ts";
import { createDemo, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

let demo: Project;

beforeAll(async () => {
  demo = await createDemo();
  await demo.must("build all");
}, 300_000);

afterAll(() => demo?.[Symbol.asyncDispose]());

interface Essence {
  readonly policy: string | undefined;
  /** Everything else that makes a container, without parts that are new in each. */
  readonly rest: object;
}

const policyVariable = "DNS_UPDATE_POLICY";

function essence({ Name, Config, HostConfig }: Inspected): Essence {
  const isPolicy = (entry: string): boolean => entry.startsWith(`${policyVariable}=`);
  return {
    policy: Config.Env.find(isPolicy)?.split("=")[1],
    rest: {
      Name,
      Env: Config.Env.filter((entry) => !isPolicy(entry)).toSorted(),
      Image: Config.Image,
      Cmd: Config.Cmd,
      Labels: labelsWithoutPolicy(Config.Labels),
      Dns: HostConfig.Dns,
      DnsSearch: HostConfig.DnsSearch,
      DnsOptions: HostConfig.DnsOptions,
      ExtraHosts: HostConfig.ExtraHosts,
      PortBindings: HostConfig.PortBindings,
      Mounts: HostConfig.Mounts,
    },
  };
}

function labelsWithoutPolicy(labels: Inspected["Config"]["Labels"]): object {
  const parse = (name: string): object => JSON.parse(labels[name] ?? "{}") as object;
  return {
    ...labels,
    "io.reyns.definition": { ...parse("io.reyns.definition"), [`env ${policyVariable}`]: "" },
    "io.reyns.registration": { ...parse("io.reyns.registration"), policy: "" },
  };
}

async function runAndLook(line: string): Promise<Record<string, Essence>> {
  await demo.must(line);
  const containers = await inspectAll(demo.folder);
  await demo.must("clean all force=True");
  return Object.fromEntries([...containers].map(([host, container]) => [host, essence(container)]));
}

const address = "127.77.0.1";

const confs = [
  { conf: "default", hosts: ["demo-one", "demo-two", "reyns-dns-main"], options: "" },
  {
    conf: "default-multinode",
    hosts: ["demo-onenode1", "demo-onenode2", "reyns-dns-main"],
    options: ` env=SERVICE_IP=${address} env=DNS_SERVICE_IP=${address}`,
  },
];

for (const { conf, hosts, options } of confs) {
  test(`${conf} creates the same containers from reyns.ts and from ${conf}.conf, apart from the default policy`, async () => {
    const line = `run all conf=${conf}${options}`;
    const scripted = await runAndLook(line);
    await rename(join(demo.folder, "reyns.ts"), join(demo.folder, "aside.ts"));
    const legacy = await runAndLook(line);
    await rename(join(demo.folder, "aside.ts"), join(demo.folder, "reyns.ts"));
    expect(Object.keys(scripted).toSorted()).toEqual(hosts);
    expect(Object.keys(legacy).toSorted()).toEqual(hosts);
    for (const host of hosts) {
      expect(legacy[host]?.rest).toEqual(scripted[host]?.rest ?? {});
      const isDns = host === "reyns-dns-main";
      expect(scripted[host]?.policy).toBe(isDns ? "REPLACE" : "APPEND");
      expect(legacy[host]?.policy).toBe("REPLACE");
    }
  });
}
