import { expect, test } from "bun:test";
import { defineInstance, type InstanceDefinition, type Project } from "../../src/model/project.ts";
import { isSecondaryDns } from "../../src/model/dns-settings.ts";
import type { StartInstance } from "../../src/model/steps.ts";
import { portConflictErrors } from "../../src/plan/checks/taken-ports.ts";
import { planStart } from "../../src/plan/lifecycle-plan.ts";
import { mergeNodePlans } from "../../src/plan/nodes/merge.ts";
import { findDnsServers } from "../../src/plan/resolve/dns-server.ts";
import { valuesOnNode } from "../../src/plan/nodes/values.ts";
import { nodesOf } from "../../src/model/nodes.ts";
import { withFreePorts } from "../../src/project/copy-conf.ts";
import { resolveNodes } from "../../src/project/nodes.ts";
import { text } from "./support/definitions.ts";
import { observed, plan, projectOf, startOf, started, startsOf } from "./support/planning.ts";

const at = { file: "reyns.ts" };
const nodes = {
  first: { endpoint: "ssh://10.0.0.1", at },
  Node_2: { endpoint: "ssh://10.0.0.2", at },
  third: { endpoint: "ssh://10.0.0.3", at },
};

const web = { service: "web", group: "Node_2" };

/** The instances of a conf on these nodes, by what each adds to a plain one; the DNS is on the first. */
function instancesOf(
  others: readonly (Partial<InstanceDefinition> & { readonly service: string })[],
  dns: Partial<InstanceDefinition> = {},
): readonly InstanceDefinition[] {
  const own = { service: "reyns-dns", instance: "main", group: "first", at, ...dns };
  const instances = [own, ...others].map((one) => defineInstance({ instance: "one", at, ...one }));
  const conf = { name: "default", file: "reyns.ts", sequential: false, instances, nodes };
  return resolveNodes(conf, "/nowhere").conf.instances;
}

const namesOf = (instances: readonly InstanceDefinition[]): string[] =>
  instances.map(({ service, instance, group }) => `${service}-${instance} on ${group}`);

function project(others: Parameters<typeof instancesOf>[0]): Project {
  return projectOf(instancesOf(others));
}

/** What a run starts on a node. */
function startsOn(group: string, of: Project, given = {}): StartInstance[] {
  const all = nodesOf({ ...of.conf, nodes });
  const node = all.find(({ name }) => name === group);
  if (!node) throw new Error(`no node ${group}`);
  const caller = valuesOnNode(of, node, all);
  const sources = { caller, hostConf: {}, interfaces: {} };
  return startsOf(plan(of, { group, sources, ...given }).steps);
}

test("each machine that runs something beside the first DNS has a secondary one", () => {
  expect(namesOf(instancesOf([web]))).toEqual([
    "reyns-dns-main on first",
    "reyns-dns-node-2 on Node_2",
    "web-one on Node_2",
  ]);
});

test("its name is the node's, with a number where another DNS has that", () => {
  const more = { main: "ssh://10.0.0.4", "Node-2": "ssh://10.0.0.5" };
  const added = Object.entries(more).map(([name, endpoint]) => [name, { endpoint, at }] as const);
  const all = { ...nodes, ...Object.fromEntries(added) };
  const conf = { name: "default", file: "reyns.ts", sequential: false, nodes: all };
  const defined = [
    defineInstance({ service: "reyns-dns", instance: "main", group: "first", at }),
    ...["Node_2", "main", "Node-2"].map((group) =>
      defineInstance({ service: "web", instance: group, group, at }),
    ),
  ];
  const { conf: resolved } = resolveNodes({ ...conf, instances: defined }, "/nowhere");
  expect(namesOf(resolved.instances.filter(({ service }) => service === "reyns-dns"))).toEqual([
    "reyns-dns-main on first",
    "reyns-dns-node-2 on Node_2",
    "reyns-dns-main-2 on main",
    "reyns-dns-node-2-2 on Node-2",
  ]);
});

test("none is added where the DNS declines, where a machine has its own, and without a DNS", () => {
  const declining = { env: { DNS_SECONDARIES: text("false") } };
  expect(namesOf(instancesOf([web], declining))).toHaveLength(2);
  const other = { service: "reyns-dns", instance: "own", group: "Node_2" };
  expect(namesOf(instancesOf([web, other]))).toHaveLength(3);
  expect(namesOf(instancesOf([web], { service: "app" }))).toHaveLength(2);
});

test("a copy has none: it would copy the zone of the project itself", () => {
  const conf = { name: "default", file: "reyns.ts", sequential: false };
  const { instances } = withFreePorts({ ...conf, instances: instancesOf([web]) });
  expect(namesOf(instances)).toEqual(["reyns-dns-main on first", "web-one on Node_2"]);
});

test("a secondary DNS has the settings of the first one, and is published on its own machine", () => {
  const env = { DNS_ZONE: text("shop.internal"), SERVICE_IP: text("10.0.0.9") };
  const [, secondary] = instancesOf([web], { env, instanceType: "master" });
  expect(secondary).toMatchObject({ instanceType: "master", properties: { publishPorts: true } });
  expect(secondary?.env).toEqual({
    DNS_ZONE: text("shop.internal"),
    DNS_SECONDARIES: text("true"),
    DNS_PRIMARY: text("10.0.0.1"),
  });
});

test("it registers with the first DNS, copies it, and keeps the Engine's resolver", () => {
  const { spec, register, ready, address } = startOf(
    startsOn("Node_2", project([web])),
    "reyns-dns-node-2",
  );
  expect(register).toMatchObject({ server: "10.0.0.1", address: "10.0.0.2", policy: "APPEND" });
  expect(spec.env).toMatchObject({
    ...{ DNS_PRIMARY: "10.0.0.1", DNS_SERVICE_IP: "10.0.0.1", DNS_RESOLVER: address },
    DNS_SECONDARIES: "true",
  });
  expect(spec.dns).toBeUndefined();
  expect(spec.ports.map(({ ip, host }) => `${ip}:${host}`)).toContain("10.0.0.2:53");
  expect(ready).toMatchObject({ kind: "dns", address, copies: true });
});

test("where port 53 is taken, a project can do without it", () => {
  const of = project([web]);
  const [secondary] = startsOn("Node_2", of);
  const listener = { ip: "10.0.0.2", host: 53, protocol: "udp" as const, owner: () => "named" };
  const holders = { project: of, publishers: [], locate: () => undefined };
  const hintsAt = (ip: string): (string | undefined)[] =>
    portConflictErrors(secondary ? [secondary] : [], {
      ...holders,
      listeners: [{ ...listener, ip }],
    }).map(({ hint }) => hint);
  const way = "or have no secondary DNS: dns({ secondary: false })";
  expect(hintsAt("10.0.0.2")).toEqual([`stop it, ${way}`]);
  expect(hintsAt("0.0.0.0")).toEqual([expect.stringMatching(/bind-interfaces\nor have no/)]);
});

test("instances of its machine ask it first, start after it, and register with the first DNS", () => {
  const starts = startsOn("Node_2", project([web]));
  const { spec, register, after } = startOf(starts, "web-one");
  const near = startOf(starts, "reyns-dns-node-2");
  expect(spec.dns?.servers).toEqual([near.address, "10.0.0.1"]);
  expect(register).toMatchObject({ server: "10.0.0.1", resolver: near.address });
  expect(spec.env).toMatchObject({ DNS_SERVICE_IP: "10.0.0.1", DNS_RESOLVER: near.address });
  expect(after).toContain(near.id);
});

test("instances beside the first DNS ask that one, and look for the others", () => {
  const of = project([web, { service: "app", group: "first" }]);
  const starts = startsOn("first", of);
  const [dns, app] = [startOf(starts, "reyns-dns-main"), startOf(starts, "app-one")];
  expect(app.spec.dns?.servers).toEqual([dns.address]);
  expect(app.spec.env).toMatchObject({ DNS_SECONDARIES: "true" });
  expect(app.spec.env).not.toHaveProperty("DNS_RESOLVER");
  expect(dns.register).toMatchObject({ server: dns.address, policy: "APPEND" });
});

test("a run again changes nothing, and the secondary DNS is told apart from the first", () => {
  const of = project([web]);
  const instances = startsOn("Node_2", of).map((step) => started(step));
  expect(startsOn("Node_2", of, { observed: observed({ instances }) })).toEqual([]);
  const server = instances.find(({ host }) => host === "reyns-dns-node-2");
  if (!server) throw new Error("no secondary DNS");
  expect(isSecondaryDns(server)).toBeTrue();
  const [first] = startsOn("first", of).map((step) => started(step));
  if (!first) throw new Error("no first DNS");
  expect(isSecondaryDns(first)).toBeFalse();
});

test("it is told apart from the first while it is disconnected", () => {
  const of = project([web]);
  const [secondary, first] = ["Node_2", "first"].map((group) => startsOn(group, of)[0]);
  if (!secondary || !first) throw new Error("no DNS");
  expect(isSecondaryDns(started(secondary, { address: undefined }))).toBeTrue();
  expect(isSecondaryDns(started(first, { address: undefined }))).toBeFalse();
});

test("it starts after the first DNS, with which it registers", () => {
  const of = project([web]);
  const [first, second] = [startsOn("first", of), startsOn("Node_2", of)];
  const parts = [
    { node: "first", steps: first, images: new Map() },
    { node: "Node_2", steps: second, images: new Map() },
  ];
  const steps = mergeNodePlans(parts, of);
  const near = steps.find(({ title }) => title === "reyns-dns-node-2");
  expect(near?.after).toContain("first: start reyns-dns-main");
  const instances = [...first, ...second].map((step) => started(step, { state: "exited" }));
  const restarts = new Map(planStart(instances).map(({ title, after }) => [title, after]));
  expect(restarts.get("reyns-dns-node-2")).toEqual(["start reyns-dns-main"]);
  expect(restarts.get("reyns-dns-main")).toEqual([]);
});

test("the first DNS is asked first, a secondary one after it, at its machine's address", () => {
  const of = project([web]);
  const near = startsOn("Node_2", of).map((step) => started(step));
  const sources = { caller: {}, hostConf: {}, interfaces: {} };
  const second = { server: "10.0.0.2", zone: "local.zone", host: "reyns-dns-node-2" };
  const unseen = { server: "10.0.0.1", zone: "local.zone", host: undefined };
  expect(findDnsServers(near, sources)).toEqual([unseen, second]);
  expect(findDnsServers(near.slice(0, 1), sources)).toEqual([unseen, second]);
  const all = [...near, ...startsOn("first", of).map((step) => started(step))];
  const [first] = findDnsServers(all, sources);
  expect(first.host).toBe("reyns-dns-main");
});

test("a Swarm service does not ask the secondary DNS of the machine that plans it", () => {
  const swarm: InstanceDefinition["swarm"] = {
    replicas: 2,
    order: "stop-first",
    parallelism: 1,
    delay: 0,
    monitor: 5,
    onFailure: "rollback",
    placement: { constraints: [], spread: [] },
  };
  const of = project([web, { service: "api", group: "Node_2", swarm }]);
  const specs = startsOn("Node_2", of).map(({ host, spec }) => [host, spec] as const);
  const { "api-one": api, "web-one": container } = Object.fromEntries(specs);
  expect([container?.dns?.servers, container?.env["DNS_RESOLVER"]]).toEqual([
    [expect.any(String), "10.0.0.1"],
    expect.any(String),
  ]);
  expect([api?.dns?.servers, api?.env["DNS_RESOLVER"]]).toEqual([["10.0.0.1"], undefined]);
});
