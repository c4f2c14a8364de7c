import { describe, expect, test } from "bun:test";
import { labels } from "../../src/model/labels.ts";
import type { ObservedNetwork } from "../../src/model/networks.ts";
import type { ObservedKeeper } from "../../src/model/observed.ts";
import type { Project } from "../../src/model/project.ts";
import { networkNameOf } from "../../src/model/resource-names.ts";
import type { CreateNetwork, KeepLeases } from "../../src/model/steps.ts";
import { describeConfig } from "../../src/plan/project-config.ts";
import { projectGraph } from "../../src/plan/project-graph.ts";
import { selectInstances } from "../../src/plan/select/select.ts";
import { plainSelection } from "../../src/plan/select/selection.ts";
import type { RunPlan } from "../../src/plan/run-plan.ts";
import { observed, plan, startOf, started, startsOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

async function read(script: string): Promise<Project> {
  const header = 'import { dns, link, network, node, service } from "reyns";\n';
  await using folder = await projectFolder({ "reyns.ts": header + script });
  // The same project whenever it is read.
  return { ...(await folder.read()), folder: "/home/me/shop", origin: "/home/me/shop" };
}

const web = 'service("web", { image: "web" });';
const images = ["web"];
const nothing = observed({ images, subnet: undefined });

function networkIn({ steps }: RunPlan): CreateNetwork | undefined {
  return steps.find((step) => step.kind === "create-network");
}

/** The Engine once a plan has run; the network has no label where nothing was declared for it. */
function after(done: RunPlan, project: Project) {
  const step = networkIn(done);
  const instances = startsOf(done.steps).map((start) =>
    started(start, {
      isDisconnected: false,
      hasEntrypoint: start.host !== "web-one",
      networks: [{ name: step?.name ?? "", address: start.address }],
    }),
  );
  const network: ObservedNetwork = {
    id: "n",
    name: step?.name ?? "",
    project: project.name,
    origin: project.origin,
    subnets: (step?.pools ?? []).flatMap(({ subnet }) => subnet ?? []),
    definition: step?.labels[labels.definition],
    settings: step?.settings ?? {},
    users: instances.map(({ id, containerName, address = "" }) => ({
      id,
      name: containerName,
      address,
    })),
  };
  return { instances, networks: [network], subnet: network.subnets[0] };
}

describe("the project's own network", () => {
  test("is what the name overlay stands for with nodes, unless the options are those of another network", async () => {
    const machines = 'node("far", "ssh://far", { address: "10.0.0.2" }); ';
    const own =
      await read(`${machines} const all = network("overlay", { driverOpts: { mtu: 1400 } });
service("web", { image: "web", networks: [all] }); service("api", { image: "web", networks: ["overlay"] });`);
    expect(own.conf.networks).toMatchObject({ default: { driverOpts: { mtu: "1400" } } });
    const used = own.conf.instances.map(({ networks }) => networks?.map(({ network }) => network));
    expect(used).toEqual([["default"], ["default"]]);
    const planned = networkIn(plan(own, { observed: nothing }));
    expect(planned).toMatchObject({ name: networkNameOf(own), settings: { attachable: false } });
    const other = await read(`${machines} network("overlay", { driver: "bridge" }); ${web}`);
    expect(Object.keys(other.conf.networks ?? {})).toEqual(["overlay"]);
  });

  test("is not what a network called overlay is in a project without nodes", async () => {
    const { conf } = await read(`const all = network("overlay");
service("web", { image: "web", networks: [all] }); service("api", { image: "web", networks: ["overlay"] });`);
    expect(Object.keys(conf.networks ?? {})).toEqual(["overlay"]);
    const used = conf.instances.map(({ networks }) => networks?.map(({ network }) => network));
    expect(used).toEqual([["overlay"], ["overlay"]]);
  });

  test("is not what a Compose file calls overlay, with nodes as without", async () => {
    for (const machines of ["", 'node("far", "ssh://far", { address: "10.0.0.2" });']) {
      await using folder = await projectFolder({
        "reyns.ts": `import { compose, node } from "reyns"; ${machines} compose("./shop.yaml");`,
        "shop.yaml":
          "services: { web: { image: web, networks: [overlay] } }\nnetworks: { overlay: {} }\n",
      });
      const { conf } = await folder.read();
      expect(conf.networks).toHaveProperty("overlay");
      expect(conf.instances[0]?.networks).toMatchObject([{ network: "overlay" }]);
    }
  });

  test("is declared once, as default or as overlay, where there are nodes", async () => {
    const declared = 'network("default", { internal: true }); network("overlay");';
    const machine = 'node("far", "ssh://far", { address: "10.0.0.2" });';
    await using folder = await projectFolder({
      "reyns.ts": `import { network, node } from "reyns"; ${machine}\n${declared}\n`,
    });
    expect(await folder.mistakes()).toMatchObject([
      expect.stringContaining("reyns.ts:2:41 the project's own network is declared twice"),
    ]);
  });

  test("is made with what is declared for it, and keeps its name and its instances their addresses", async () => {
    const project = await read(`network("default", { internal: true, driverOpts: { mtu: 1400 },
  labels: { a: "b" }, ipam: { config: [{ subnet: "10.9.0.0/24", gateway: "10.9.0.9" }] } });
${web} service("job", { image: "web", nethost: true });`);
    const planned = plan(project, { observed: nothing });
    expect(networkIn(planned)).toMatchObject({
      id: "network",
      title: "network",
      name: networkNameOf(project),
      settings: { internal: true, driverOpts: { mtu: "1400" } },
      pools: [{ subnet: "10.9.0.0/24", gateway: "10.9.0.9" }],
      labels: { a: "b", [labels.project]: project.name },
    });
    const { spec } = startOf(planned.steps, "web-one");
    expect(spec.network).toMatchObject({ name: networkNameOf(project), isOwn: true });
    expect(spec.network?.address).toStartWith("10.9.0.");
    expect(startOf(planned.steps, "job-one").address).toBe("10.9.0.9");
    const seen = observed({ images, ...after(planned, project) });
    expect(startsOf(plan(project, { observed: seen }).steps)).toEqual([]);
  });

  test("gives a fixed address where it has the range", async () => {
    const project = await read(
      `network("default", { ipam: { config: [{ subnet: "10.9.0.0/24" }] } });
service("web", { image: "web", networks: [{ network: "default", ipv4: "10.9.0.7" }] });`,
    );
    const { spec } = startOf(plan(project, { observed: nothing }).steps, "web-one");
    expect(spec.network?.address).toBe("10.9.0.7");
    expect(spec.labels[labels.definition]).toContain('"networks"');
  });

  test.each([
    ["options are added", "", 'network("default", { internal: true });'],
    [
      "options change",
      'network("default", { labels: { a: "b" } });',
      'network("default", { labels: { a: "c" } });',
    ],
    ["options go", 'network("default", { internal: true });', ""],
  ])("is replaced with its instances when %s", async (_, former, now) => {
    const before = await read(former + web);
    const project = await read(now + web);
    const seen = observed({ images, ...after(plan(before, { observed: nothing }), before) });
    expect(networkIn(plan(before, { observed: seen }))).toBeUndefined();
    const planned = plan(project, { observed: seen });
    expect(networkIn(planned)?.replaces).toMatchObject({ id: "n", containers: ["id-web-one"] });
    expect(startOf(planned.steps, "web-one").together).toBe(networkIn(planned)?.together);
    expect(networkIn(plan(project, { observed: seen, keep: true }))).toBeUndefined();
  });

  test("stops the keeper of leases when it is replaced, which starts again", async () => {
    const script = `dns({ instance: "main" }); ${web}`;
    const before = await read(script);
    const first = plan(before, { observed: nothing });
    const settings = first.steps.find((step): step is KeepLeases => step.kind === "keep-leases");
    const keeper: ObservedKeeper = {
      hasOldKeys: false,
      id: "k",
      project: before.name,
      origin: before.origin,
      mounts: [],
      state: "running",
      isConnected: true,
      isRenamed: false,
      settings: settings?.spec.labels[labels.definition] ?? "",
    };
    const seen = after(first, before);
    const [network] = seen.networks;
    const users = [...(network?.users ?? []), { id: "k", name: "keeper", address: "10.1.1.1" }];
    const project = await read(`network("default", { labels: { a: "b" } }); ${script}`);
    const planned = plan(project, {
      observed: observed({
        images,
        ...seen,
        networks: network ? [{ ...network, users }] : [],
        keeper,
      }),
    });
    expect(networkIn(planned)?.replaces?.containers).toContain("k");
    const keeping = planned.steps.find((step) => step.kind === "keep-leases");
    expect(keeping).toMatchObject({ reason: "stopped", replaces: undefined });
    expect(keeping?.after).toContain("network");
  });
});

describe("a default network that is not the project's own", () => {
  test.each([
    ["external", '{ external: true, name: "traefik" }', "traefik", undefined],
    ["external under its own name", "{ external: true }", "default", undefined],
    ["with a name", '{ name: "shop_net" }', "shop_net", "network default-network"],
    ["of another driver", '{ driver: "macvlan", name: "lan" }', "lan", "network default-network"],
  ])("%s, takes its place in all instances", async (_, options, name, step) => {
    const project = await read(`network("default", ${options}); ${web}
service("api", { image: "web", networks: [{ network: "default", aliases: ["shop"] }] });
service("host", { image: "web", networkMode: "none" });`);
    const planned = plan(project, { observed: nothing });
    expect(networkIn(planned)?.id).toBe(step);
    const specOf = (host: string) => startOf(planned.steps, host).spec;
    expect(specOf("web-one").network).toMatchObject({ name, aliases: ["web-one", "web"] });
    expect(specOf("api-one").network).toMatchObject({ name, aliases: ["api-one", "api", "shop"] });
    expect(specOf("host-one").networkMode).toBe("none");
  });

  test("is called default wherever it is shown", async () => {
    const project = await read(`network("default", { name: "a" }); ${web}`);
    const [selected] = selectInstances(project, plainSelection("*"));
    if (!selected) throw new Error("nothing is selected");
    const sources = { caller: {}, hostConf: {}, interfaces: {} };
    expect(describeConfig(project, selected, sources)).toMatchObject({
      networks: [{ network: "default" }],
    });
    expect(projectGraph(project, undefined, sources).nodes[0]?.networks).toEqual(["default"]);
  });

  test("has instances of services that are not defined as well", async () => {
    await using folder = await projectFolder({
      "reyns.ts": 'import { network } from "reyns";\nnetwork("default", { name: "a" });\n',
      "services/extra/Dockerfile": "FROM scratch\n",
    });
    const project = await folder.read();
    const { steps } = plan(project, { observed: nothing, service: "extra", instance: "one" });
    expect(startOf(steps, "extra-one").spec.network?.name).toBe("a");
  });

  test("has no DNS", async () => {
    await using folder = await projectFolder({
      "reyns.ts":
        'import { dns, network } from "reyns";\nnetwork("default", { name: "a" });\ndns({});\n',
    });
    const project = await folder.read();
    expect(() => plan(project, { observed: nothing })).toThrow(/outside the project's own network/);
  });

  test("that Compose has made for the project is used as it is", async () => {
    const project = await read(`network("default", { name: "shop_net" }); ${web}`);
    const network = (names: Record<string, string>): ObservedNetwork => ({
      id: "c",
      name: "shop_net",
      project: "",
      origin: "",
      subnets: ["172.18.0.0/16"],
      definition: undefined,
      settings: { labels: names },
      users: [],
    });
    const planWith = (owner: string) => {
      const networks = [network({ "com.docker.compose.project": owner })];
      return plan(project, { observed: observed({ images, networks }) });
    };
    const planned = planWith(project.name);
    expect(networkIn(planned)).toBeUndefined();
    expect(startOf(planned.steps, "web-one").spec.network).toMatchObject({
      name: "shop_net",
      address: undefined,
    });
    expect(() => planWith("other")).toThrow(/taken/);
  });
});

test("an internal default network publishes no ports", async () => {
  await using folder = await projectFolder({
    "reyns.ts": `import { network, service } from "reyns";
network("default", { internal: true });
service("web", { image: "web", ports: [80] });
`,
  });
  const [mistake, ...more] = await folder.mistakes();
  expect(mistake).toStartWith("reyns.ts:3:32 ports of an instance that is in internal networks");
  expect(mistake).toEndWith("add a network that leads out, or leave out ports");
  expect(more).toEqual([]);
});

describe("the resolver of an instance", () => {
  const dnsOf = async (script: string, networks: readonly ObservedNetwork[] = []) => {
    const project = await read(script);
    const { steps } = plan(project, {
      observed: observed({ images, subnet: undefined, networks }),
    });
    return startOf(steps, "web-one").spec.dns;
  };

  test("answers for names without a dot itself where all networks are internal", async () => {
    const isolated = { servers: [], search: ["."], options: ["ndots:1"] };
    const back = 'network("back", { internal: true });';
    const inBack = (networks: string, more = ""): string =>
      `${back} service("web", { image: "web", networks: ${networks}${more} });`;
    expect(await dnsOf(inBack('["back"]'))).toEqual(isolated);
    expect(await dnsOf(inBack('["back", "default"]'))).toBeUndefined();
    expect(await dnsOf(inBack('["back"]', ', dnsSearch: ["a.example"]'))).toEqual({
      ...isolated,
      search: ["a.example"],
    });
    const external = 'network("out", { external: true });';
    const found = { id: "o", name: "out", project: "", origin: "", subnets: [], users: [] };
    const there = [{ ...found, definition: undefined, settings: { internal: true } }];
    expect(await dnsOf(`${external} ${inBack('["out"]')}`, there)).toEqual(isolated);
    expect(await dnsOf(`${external} ${inBack('["out"]')}`)).toBeUndefined();
  });
});
