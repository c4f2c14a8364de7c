import { describe, expect, test } from "bun:test";
import type { ObservedNetwork } from "../../src/model/networks.ts";
import type { Observed, ObservedInstance } from "../../src/model/observed.ts";
import { scopeOf } from "../../src/model/resource-names.ts";
import type { CreateNetwork } from "../../src/model/steps.ts";
import { reportPlan } from "../../src/plan/plan-report.ts";
import type { RunPlan } from "../../src/plan/run-plan.ts";
import { observed, plan, startOf, started, startsOf } from "./support/planning.ts";
import { readNetworkProject } from "./support/network-project.ts";
import { thrownBy } from "./support/project-folder.ts";

const web = '{ image: "web", networks: ["front", "back"] }';
const layers = (front = "{}", more = ""): string => `network("front", ${front});
network("back", { internal: true });
const db = service("db", { image: "db", networks: ["back"] });
service("web", ${web});
service("proxy", { image: "proxy", networks: ["front"] });
${more}`;

function networksIn({ steps }: RunPlan): CreateNetwork[] {
  return steps.filter((step) => step.kind === "create-network");
}

/** The Engine after a plan has run. */
function after(done: RunPlan): { instances: ObservedInstance[]; networks: ObservedNetwork[] } {
  const instances = startsOf(done.steps).map((step) => {
    const attachments = [step.spec.network, ...(step.spec.joined ?? [])];
    return started(step, {
      networks: attachments.flatMap((one) =>
        one ? [{ name: one.name, address: one.address ?? "" }] : [],
      ),
      isDisconnected: false,
    });
  });
  const networks = networksIn(done).map(({ name, settings, pools, labels }) => ({
    id: `id of ${name}`,
    name,
    project: labels["io.reyns.project"] ?? "",
    origin: labels["io.reyns.folder"] ?? "",
    subnets: pools.flatMap(({ subnet }) => subnet ?? []),
    definition: labels["io.reyns.definition"],
    settings,
    users: instances.flatMap(({ id, containerName, networks: endpoints = [] }) =>
      endpoints
        .filter((endpoint) => endpoint.name === name)
        .map(({ address }) => ({ id, name: containerName, address })),
    ),
  }));
  return { instances, networks };
}

const images = ["db", "web", "proxy"];
/** A plan is made on an Engine with all images, and with no network but these. */
const on = (engine: Partial<Observed> = {}) => ({
  observed: observed({ subnet: undefined, ...engine, images }),
});

describe("networks that the project creates", () => {
  test("come before the instances, and the project's own is not made where nothing is in it", async () => {
    const project = await readNetworkProject(layers());
    const planned = plan(project, on());
    expect(networksIn(planned).map(({ id }) => id)).toEqual(["network front", "network back"]);
    const [front, back] = networksIn(planned);
    expect([front?.name, back?.name]).toEqual(
      ["front", "back"].map((key) => `${scopeOf(project)}-${key}`),
    );
    expect(back?.settings.internal).toBe(true);
    expect(front?.pools[0]?.subnet).toEndWith("/20");
    expect(front?.pools[0]?.subnet).not.toBe(back?.pools[0]?.subnet);
    for (const { after: ids } of startsOf(planned.steps))
      expect(ids).toEqual(expect.arrayContaining(["network front", "network back"]));
  });

  test("give an instance the same address again, and one for each network", async () => {
    const project = await readNetworkProject(layers());
    const specOf = () => startOf(plan(project, on()).steps, "web-one").spec;
    const { network, joined = [], labels } = specOf();
    const [front, back] = networksIn(plan(project, on()));
    expect([network?.name, ...joined.map(({ name }) => name)]).toEqual([
      front?.name ?? "",
      back?.name ?? "",
    ]);
    expect(network?.address).toStartWith(front?.pools[0]?.subnet?.slice(0, 5) ?? "");
    expect(joined[0]?.address).toBeString();
    expect(specOf()).toMatchObject({ network, joined });
    expect(labels["io.reyns.networks"]).toBe(`${front?.name},${back?.name}`);
  });

  test("a run after a run has nothing to do", async () => {
    const project = await readNetworkProject(layers());
    const seen = after(plan(project, on()));
    const { steps, unchanged } = plan(project, on(seen));
    expect(steps.filter(({ kind }) => kind !== "await-instance")).toEqual([]);
    expect(unchanged).toHaveLength(3);
  });

  test("a range that is given is used, and its reserved addresses are left out", async () => {
    const config = `[{ subnet: "10.9.0.0/29", gateway: "10.9.0.6", auxAddresses: { a: "10.9.0.1" } }]`;
    const names = ["a", "b", "c", "d"];
    const project = await readNetworkProject(`network("front", { ipam: { config: ${config} } });
for (const instance of ${JSON.stringify(names)})
  service("web", { image: "web", instance, networks: ["front"] });
`);
    const addresses = startsOf(plan(project, on()).steps).map(({ address }) => address);
    expect(addresses.toSorted()).toEqual(["10.9.0.2", "10.9.0.3", "10.9.0.4", "10.9.0.5"]);
  });

  test("IPv6 gets a private range, the same again", async () => {
    const project = await readNetworkProject(
      'network("six", { enableIpv6: true }); service("web", { image: "web", networks: ["six"] });',
    );
    const [first, second] = [0, 1].map(() => networksIn(plan(project, on()))[0]?.pools[1]);
    expect(first?.subnet).toMatch(/^fd[0-9a-f]{2}:[0-9a-f:]+::\/64$/);
    expect(second).toEqual(first);
  });

  test("another driver has the Engine's addresses, unless the definition gives some", async () => {
    const project = await readNetworkProject(
      'network("lan", { driver: "macvlan", driverOpts: { parent: "eth0" } }); service("web", { image: "web", networks: ["lan"] });',
    );
    const planned = plan(project, on());
    expect(networksIn(planned)[0]?.pools).toEqual([]);
    expect(startOf(planned.steps, "web-one")).toMatchObject({
      address: "",
      spec: { network: { address: undefined } },
    });
  });

  test("a name that something else on the Engine has is not taken", async () => {
    const project = await readNetworkProject(
      'network("front", { name: "web_front" }); service("web", { image: "web", networks: ["front"] });',
    );
    const stranger = {
      id: "x",
      name: "web_front",
      project: "",
      origin: "",
      subnets: [],
      definition: undefined,
      settings: {},
      users: [],
    };
    const [error] = thrownBy(() =>
      plan(project, { observed: observed({ images, networks: [stranger] }) }),
    );
    expect(error).toMatchObject({ code: "NAME_TAKEN" });
    expect(error?.message).toContain("network front: its name is taken by the network web_front");
  });
});

describe("a network whose settings have changed", () => {
  const internal = "{ internal: true }";

  test("is replaced, and all that is in it with it, or none", async () => {
    const seen = after(plan(await readNetworkProject(layers()), on()));
    const planned = plan(await readNetworkProject(layers(internal)), on(seen));
    const [step] = networksIn(planned);
    expect(step).toMatchObject({ id: "network front", reason: "its settings have changed" });
    expect(step?.replaces?.containers.toSorted()).toEqual(["id-proxy-one", "id-web-one"]);
    expect(startsOf(planned.steps).map(({ host, together }) => [host, together])).toEqual([
      ["web-one", `network ${step?.name}`],
      ["proxy-one", `network ${step?.name}`],
    ]);
    const [network] = reportPlan(planned, new Map());
    expect(network).toMatchObject({ action: "replace", kind: "network", name: "network front" });
    expect(network?.changes).toEqual([{ field: "internal", before: null, after: "true" }]);
    expect(step?.pools).toMatchObject([{ subnet: seen.networks[0]?.subnets[0] }]);
  });

  test("stays with keep=true", async () => {
    const seen = after(plan(await readNetworkProject(layers()), on()));
    const { steps } = plan(await readNetworkProject(layers(internal)), { ...on(seen), keep: true });
    expect(startsOf(steps)).toEqual([]);
  });

  test.each([
    ["proxy", false, "reyns run all"],
    ["all", true, "docker network disconnect"],
  ])("stays while something else is in it: %s, %s", async (service, stranger, hint) => {
    const { instances, networks } = after(plan(await readNetworkProject(layers()), on()));
    const other = { id: "x", name: "other", address: "" };
    const joined = networks.map((one) => ({
      ...one,
      users: [...one.users, ...(stranger ? [other] : [])],
    }));
    const project = await readNetworkProject(layers(internal));
    const seen = on({ instances, networks: joined });
    const [error] = thrownBy(() => plan(project, { ...seen, service }));
    expect(error?.message).toContain("the network front has changed, and cannot be replaced while");
    expect(error?.hint).toContain(hint);
    expect(error?.at).toMatchObject({ line: 2 });
  });
});

test("an instance that has lost one of its networks is replaced", async () => {
  const project = await readNetworkProject(layers());
  const { instances, networks } = after(plan(project, on()));
  const lost = instances.map((one) =>
    one.host === "db-one" ? { ...one, networks: [], isDisconnected: true } : one,
  );
  const { steps } = plan(project, on({ instances: lost, networks }));
  expect(startsOf(steps).map(({ host }) => host)).toEqual(["db-one"]);
});

describe("links", () => {
  test("lead to the address in a network that both are in", async () => {
    const project = await readNetworkProject(
      `${layers()}service("api", { image: "web", networks: ["back"], links: ["web"] });
service("edge", { image: "web", networks: ["front"], links: ["web"] });`,
    );
    const { steps } = plan(project, on());
    const { network, joined = [] } = startOf(steps, "web-one").spec;
    const linkOf = (host: string) => startOf(steps, host).spec.extraHosts;
    expect(linkOf("edge-one")).toEqual([{ name: "web", address: network?.address ?? "" }]);
    expect(linkOf("api-one")).toEqual([{ name: "web", address: joined[0]?.address ?? "" }]);
  });

  test("without a network in common are mistakes", async () => {
    const project = await readNetworkProject(
      `${layers()}service("edge", { image: "web", networks: ["front"], links: [db] });`,
    );
    const [error, ...more] = thrownBy(() => plan(project, on()));
    expect(error?.message).toBe("edge-one links to db-one, with which it has no network in common");
    expect(error?.hint).toStartWith('add "back" to networks, or give both another one; to start');
    expect(error?.at).toMatchObject({ line: 7, path: ["links", 0] });
    expect(more).toEqual([]);
  });
});

test("an instance outside the project's own network is not in the DNS, and does not ask it", async () => {
  const project = await readNetworkProject(`${layers()}dns(); service("api", { image: "web" });`);
  const { steps } = plan(project, on());
  expect(startOf(steps, "api-one").spec.dns?.search).toEqual(["local.zone"]);
  const db = startOf(steps, "db-one");
  expect([db.register, db.spec.dns?.servers]).toEqual([undefined, []]);
  expect(db.spec.network?.aliases).toEqual(["db-one", "db"]);
});

test("a DNS has to be in the project's own network", async () => {
  const project = await readNetworkProject(`${layers()}dns({ networks: ["front"] });`);
  const [error, ...more] = thrownBy(() => plan(project, on()));
  expect(error?.message).toBe("reyns-dns-main is a DNS outside the project's own network");
  expect(more).toEqual([]);
});
