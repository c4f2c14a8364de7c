import { describe, expect, test } from "bun:test";
import { labels } from "../../src/model/labels.ts";
import type { ObservedNetwork } from "../../src/model/networks.ts";
import type { ObservedKeeper } from "../../src/model/observed.ts";
import type { Project } from "../../src/model/project.ts";
import { networkNameOf } from "../../src/model/resource-names.ts";
import type { CreateNetwork, KeepLeases } from "../../src/model/steps.ts";
import type { RunPlan } from "../../src/plan/run-plan.ts";
import { observed, plan, startOf, started, startsOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";
import { readNetworkProject } from "./support/network-project.ts";

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
      await readNetworkProject(`${machines} const all = network("overlay", { driverOpts: { mtu: 1400 } });
service("web", { image: "web", networks: [all] }); service("api", { image: "web", networks: ["overlay"] });`);
    expect(own.conf.networks).toMatchObject({ default: { driverOpts: { mtu: "1400" } } });
    const used = own.conf.instances.map(({ networks }) => networks?.map(({ network }) => network));
    expect(used).toEqual([["default"], ["default"]]);
    const planned = networkIn(plan(own, { observed: nothing }));
    expect(planned).toMatchObject({ name: networkNameOf(own), settings: { attachable: false } });
    const other = await readNetworkProject(
      `${machines} network("overlay", { driver: "bridge" }); ${web}`,
    );
    expect(Object.keys(other.conf.networks ?? {})).toEqual(["overlay"]);
  });

  test("is not what a network called overlay is in a project without nodes", async () => {
    const { conf } = await readNetworkProject(`const all = network("overlay");
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
    const project =
      await readNetworkProject(`network("default", { internal: true, driverOpts: { mtu: 1400 },
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
    const project = await readNetworkProject(
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
    const before = await readNetworkProject(former + web);
    const project = await readNetworkProject(now + web);
    const seen = observed({ images, ...after(plan(before, { observed: nothing }), before) });
    expect(networkIn(plan(before, { observed: seen }))).toBeUndefined();
    const planned = plan(project, { observed: seen });
    expect(networkIn(planned)?.replaces).toMatchObject({ id: "n", containers: ["id-web-one"] });
    expect(startOf(planned.steps, "web-one").together).toBe(networkIn(planned)?.together);
    expect(networkIn(plan(project, { observed: seen, keep: true }))).toBeUndefined();
  });

  test("stops the keeper of leases when it is replaced, which starts again", async () => {
    const script = `dns({ instance: "main" }); ${web}`;
    const before = await readNetworkProject(script);
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
    const project = await readNetworkProject(
      `network("default", { labels: { a: "b" } }); ${script}`,
    );
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
