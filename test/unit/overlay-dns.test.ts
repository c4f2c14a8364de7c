import { expect, test } from "bun:test";
import { defineInstance, type InstanceDefinition, type Project } from "../../src/model/project.ts";
import { nodesOf } from "../../src/model/nodes.ts";
import type { Observed } from "../../src/model/observed.ts";
import { labels } from "../../src/model/labels.ts";
import type { StartInstance } from "../../src/model/steps.ts";
import { networkNameOf } from "../../src/model/resource-names.ts";
import { networkDigests } from "../../src/plan/network-settings.ts";
import { shareNetwork, withShared } from "../../src/plan/nodes/overlay.ts";
import { valuesOnNode } from "../../src/plan/nodes/values.ts";
import { withDefaultNetwork } from "../../src/project/default-network.ts";
import { resolveNodes } from "../../src/project/nodes.ts";
import { text } from "./support/definitions.ts";
import { observed, plan, projectOf, startOf, started, startsOf } from "./support/planning.ts";

const at = { file: "reyns.ts" };
const nodes = {
  first: { endpoint: "ssh://10.0.0.1", at },
  second: { endpoint: "ssh://10.0.0.2", at },
  third: { endpoint: "ssh://10.0.0.3", at },
  fourth: { endpoint: "ssh://10.0.0.4", at },
};
const networks = { default: { external: false, driver: "overlay", isSpanning: true, at } };

/** A project in the network of all machines, with the DNS on the first and an instance on the second. */
function shopOf(
  dns: Partial<InstanceDefinition> = {},
  others: readonly (Partial<InstanceDefinition> & { readonly service: string })[] = [],
): Project {
  const web = { service: "web", group: "second" };
  const own = { service: "reyns-dns", instance: "main", group: "first", ...dns };
  const instances = [own, web, ...others].map((one) =>
    defineInstance({ instance: "one", at, ...one }),
  );
  const conf = { name: "default", file: "reyns.ts", sequential: false, instances, nodes, networks };
  const resolved = withDefaultNetwork(resolveNodes(conf, "/nowhere").conf);
  const project = projectOf(resolved.instances);
  return { ...project, conf: { ...project.conf, nodes, networks: resolved.networks ?? {} } };
}

const namesOf = ({ conf }: Project): string[] =>
  conf.instances.map(({ service, instance, group }) => `${service}-${instance} on ${group}`);

/** What a run starts on a node, where the nodes show this. */
function startsOn(
  group: keyof typeof nodes,
  project: Project,
  shown: Partial<Record<keyof typeof nodes, Observed>> = {},
): StartInstance[] {
  const all = nodesOf(project.conf);
  const looks = all.map((node) => ({
    node,
    observed: shown[node.name as keyof typeof nodes] ?? observed({ subnet: undefined }),
  }));
  const shared = shareNetwork(project, looks, { caller: {}, hostConf: {} });
  const look = looks.find(({ node }) => node.name === group);
  if (!look) throw new Error(`no node ${group}`);
  const caller = valuesOnNode(project, look.node, all, shared.settled);
  const sources = { caller, hostConf: {}, interfaces: {} };
  const seen = withShared(look.observed, shared);
  return startsOf(plan(project, { group, sources, observed: seen }).steps);
}

const addressIn = (starts: readonly StartInstance[], host: string): string =>
  startOf(starts, host).spec.network?.address ?? "";

test("each machine that runs something beside the first DNS has a secondary one", () => {
  expect(namesOf(shopOf())).toEqual([
    "reyns-dns-main on first",
    "reyns-dns-second on second",
    "web-one on second",
  ]);
});

test("none is added where the DNS declines, or is in the network of its machine", () => {
  const declining = { env: { DNS_SECONDARIES: text("false") } };
  expect(namesOf(shopOf(declining))).toHaveLength(2);
  expect(namesOf(shopOf({ properties: { nethost: true } }))).toHaveLength(2);
});

test("it has an address of its own in the network, copies the first DNS there, and is published nowhere", () => {
  const shop = shopOf({ instanceType: "master" }, [{ service: "api", group: "third" }]);
  const [near, other] = [startsOn("second", shop), startsOn("third", shop)];
  const first = addressIn(startsOn("first", shop), "reyns-dns-main");
  const { spec, register, ready } = startOf(near, "reyns-dns-second");
  const address = addressIn(near, "reyns-dns-second");
  expect(spec.env).toMatchObject({
    ...{ DNS_PRIMARY: first, DNS_SERVICE_IP: first, DNS_RESOLVER: address },
    DNS_SECONDARIES: "true",
  });
  expect(register).toMatchObject({ server: first, address, policy: "APPEND" });
  expect(spec.ports).toEqual([]);
  expect(ready).toMatchObject({ kind: "dns", address, copies: true });
  expect(new Set([first, address, addressIn(other, "reyns-dns-third")]).size).toBe(3);
});

test("more machines than there are addresses for a DNS have one each", () => {
  const many = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => {
      return [`node${index}`, { endpoint: `ssh://10.0.1.${index}`, at }] as const;
    }),
  );
  const instances = Object.keys(many).map((group) =>
    defineInstance({ service: "web", instance: group, group, at }),
  );
  const dns = defineInstance({ service: "reyns-dns", instance: "main", group: "node0", at });
  const conf = { name: "default", file: "reyns.ts", sequential: false, nodes: many, networks };
  const resolved = resolveNodes({ ...conf, instances: [dns, ...instances] }, "/nowhere").conf;
  const project = { ...projectOf(resolved.instances), conf: withDefaultNetwork(resolved) };
  const looks = nodesOf(resolved).map((node) => ({ node, observed: observed() }));
  const { settled } = shareNetwork(project, looks, { caller: {}, hostConf: {} });
  expect([...(settled ?? new Map<string, string>()).values()]).toHaveLength(80);
  expect(new Set(settled?.values()).size).toBe(80);
});

test("instances of its machine ask it first, and start after it; those beside the first DNS ask that", () => {
  const shop = shopOf({}, [{ service: "app", group: "first" }]);
  const [near, home] = [startsOn("second", shop), startsOn("first", shop)];
  const first = addressIn(home, "reyns-dns-main");
  const second = addressIn(near, "reyns-dns-second");
  const { spec, register, after } = startOf(near, "web-one");
  expect(spec.dns?.servers).toEqual([second, first]);
  expect(register).toMatchObject({ server: first, resolver: second });
  expect(spec.env).toMatchObject({ DNS_SERVICE_IP: first, DNS_RESOLVER: second });
  expect(after).toContain(startOf(near, "reyns-dns-second").id);
  const app = startOf(home, "app-one");
  expect(app.spec.dns?.servers).toEqual([first]);
  expect(app.spec.env).toMatchObject({ DNS_SECONDARIES: "true" });
});

const swarm: InstanceDefinition["swarm"] = {
  ...{ replicas: 2, order: "stop-first", parallelism: 1, delay: 0, monitor: 5 },
  ...{ onFailure: "rollback", placement: { constraints: [], spread: [] } },
};

test("tasks of Swarm, which run on any machine, ask those of all machines, whichever plans them", () => {
  const asked = (["first", "second"] as const).map((group) => {
    const api = { service: "api", group, swarm };
    const shop = shopOf({}, [api, { service: "app", group: "third" }]);
    const { spec } = startOf(startsOn(group, shop), "api-one");
    const [first, second, third] = [
      addressIn(startsOn("first", shop), "reyns-dns-main"),
      addressIn(startsOn("second", shop), "reyns-dns-second"),
      addressIn(startsOn("third", shop), "reyns-dns-third"),
    ];
    expect(spec.dns?.servers).toEqual([second, first, third]);
    expect(spec.env["DNS_RESOLVER"]).toBe(second);
    return { dns: spec.dns, server: spec.env["DNS_SERVICE_IP"] };
  });
  expect(asked[1]).toEqual(asked[0]);
});

test("tasks of Swarm stay as they are when a machine is added whose DNS none of them would ask", () => {
  const api = { service: "api", group: "first", swarm };
  const app = (group: string) => ({ service: `app-${group}`, group });
  const specWith = (...groups: readonly string[]) =>
    startOf(startsOn("first", shopOf({}, [api, ...groups.map(app)])), "api-one").spec;
  const before = specWith("third");
  expect(before.dns?.servers).toHaveLength(3);
  const after = specWith("third", "fourth");
  expect(after.dns).toEqual(before.dns);
  expect(after.labels[labels.definition]).toBe(before.labels[labels.definition] ?? "");
});

test("a platform without one gets it at its next run, which says why it replaces the others", () => {
  const before = shopOf({ env: { DNS_SECONDARIES: text("false") } });
  const name = networkNameOf(before);
  const network = {
    ...{ id: "n", name, project: before.name, origin: before.origin, users: [] },
    definition: JSON.stringify(networkDigests(before.conf.networks?.["default"] ?? {})),
    ...{ subnets: ["10.200.0.0/20"], settings: { driver: "overlay", attachable: true } },
  };
  const empty = { third: observed({ networks: [network] }) };
  const shownAs = (step: StartInstance) =>
    started(step, { networks: [{ name, address: step.address }] });
  const running = (group: keyof typeof nodes): Observed =>
    observed({
      instances: startsOn(group, before, empty).map(shownAs),
      networks: [network],
    });
  const shown = { ...empty, first: running("first"), second: running("second") };
  const starts = startsOn("second", shopOf(), shown);
  expect(starts.map(({ host, reason }) => [host, reason])).toEqual([
    ["reyns-dns-second", "not there yet"],
    ["web-one", expect.stringMatching(/changed: .*dns/)],
  ]);
  expect(startOf(startsOn("first", shopOf(), shown), "reyns-dns-main").reason).toContain(
    "DNS_SECONDARIES",
  );
});
