import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NetworkDefinition } from "../../src/model/networks.ts";
import { defineInstance, type Conf, type Project } from "../../src/model/project.ts";
import { nothingObserved, type Observed, type ObservedInstance } from "../../src/model/observed.ts";
import { networkNameOf } from "../../src/model/resource-names.ts";
import type { Step } from "../../src/model/steps.ts";
import { noSwarm, type SwarmNode } from "../../src/model/swarm.ts";
import { mergeNodePlans } from "../../src/plan/nodes/merge.ts";
import { shareNetwork, type SeenNode } from "../../src/plan/nodes/overlay.ts";
import { networkDigests } from "../../src/plan/network-settings.ts";
import { valuesOnNode } from "../../src/plan/nodes/values.ts";
import { spanningErrors } from "../../src/plan/swarm/check.ts";
import { withDefaultNetwork } from "../../src/project/default-network.ts";
import { resolveNodes } from "../../src/project/nodes.ts";

const at = { file: "reyns.ts" };
const folder = mkdtempSync(join(tmpdir(), "reyns-test-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const nodes = [1, 2].map((number) => ({
  ...{ name: `node${number}`, endpoint: `ssh://10.0.0.${number}`, at },
}));

function confOf(networks: Conf["networks"], isSpread = true): Conf {
  return {
    name: "default",
    file: "reyns.ts",
    sequential: false,
    instances: [
      defineInstance({ service: "reyns-dns", instance: "main", group: "node1", at }),
      defineInstance({ service: "web", instance: "one", image: "x", group: "node1", at }),
      defineInstance({
        ...{ service: "api", instance: "one", image: "x", group: "node2", at },
        links: [{ name: "web", target: { service: "web", instance: "one" } }],
      }),
    ],
    ...(networks && { networks }),
    ...(isSpread && { nodes: Object.fromEntries(nodes.map(({ name, ...node }) => [name, node])) }),
  };
}

const overlay: NetworkDefinition = { external: false, driver: "overlay", isSpanning: true, at };

function projectOf(conf: Conf): Project {
  const dns = { name: "reyns-dns", folder: undefined, image: "reyns/reyns-dns", parents: [] };
  const services = new Map([["reyns-dns", dns]]);
  return { name: "shop", folder: "/shop", origin: "/shop", conf, services } as unknown as Project;
}

const shop = projectOf(withDefaultNetwork(confOf({ default: overlay })));

function seenOf(...observed: readonly Partial<Observed>[]): SeenNode[] {
  return nodes.map((node, index) => ({
    node,
    observed: { ...nothingObserved, ...observed[index] },
  }));
}

const sources = { caller: {}, hostConf: {} };

test("the network of all nodes is an attachable overlay, and on one Engine one like any other", () => {
  expect(withDefaultNetwork(confOf({ default: overlay })).networks?.["default"]).toMatchObject({
    ...{ driver: "overlay", attachable: true, isSpanning: true },
  });
  const alone = withDefaultNetwork(confOf({ default: overlay }, false)).networks;
  expect(Object.keys(alone ?? {})).toEqual(["default"]);
  expect(alone?.["default"]).toMatchObject({ driver: undefined, isSpanning: false });
});

test("no two instances get the same address, wherever they run", () => {
  const { settled = new Map<string, string>(), subnet } = shareNetwork(shop, seenOf(), sources);
  expect(subnet).toBeUndefined();
  expect(settled.size).toBe(3);
  expect(new Set(settled.values()).size).toBe(3);
  const address = settled.get("api-one");
  const definition = JSON.stringify(networkDigests(shop.conf.networks?.["default"] ?? {}));
  const name = networkNameOf(shop);
  const network = {
    ...{ id: "n", name, project: "shop", origin: "/shop", definition },
    ...{ subnets: ["10.200.0.0/20"], settings: { driver: "overlay", attachable: true } },
  };
  const web = { host: "web-one", address: "10.200.7.7" } as ObservedInstance;
  const other = { id: "x", name: "x", address: address?.replace(/^\d+\.\d+/, "10.200") ?? "" };
  const again = shareNetwork(
    shop,
    seenOf(
      { instances: [web], networks: [{ ...network, users: [] }] },
      { networks: [{ ...network, users: [other] }] },
    ),
    sources,
  );
  expect(again.settled?.get("web-one")).toBe("10.200.7.7");
  expect(again.settled?.get("reyns-dns-main")).toBe("10.200.0.2");
  expect(again.settled?.get("api-one")).not.toBe(other.address);
});

test("links and the DNS are found at the instances' own addresses", () => {
  const [, second] = nodes;
  if (!second) throw new Error("no nodes");
  const settled = new Map([
    ...Object.entries({
      "reyns-dns-main": "10.9.0.2",
      "web-one": "10.9.0.40",
      "api-one": "10.9.0.41",
    }),
  ]);
  expect(valuesOnNode(shop, second, nodes, settled)).toEqual({
    ...{ WEB_SERVICE_IP: "10.9.0.40", DNS_SERVICE_IP: "10.9.0.2", PUBLISH_ON_IP: "10.0.0.2" },
  });
});

test("a network that was not that of all nodes before is not replaced", () => {
  const name = networkNameOf(shop);
  const network = {
    ...{ id: "n", name, project: "shop", origin: "/shop", definition: undefined, users: [] },
    ...{ subnets: ["10.200.0.0/20"], settings: { driver: "bridge" } },
  };
  expect(() => shareNetwork(shop, seenOf({}, { networks: [network] }), sources)).toThrow(
    "is not replaced while it is in use",
  );
});

test("the network is created once, on a manager, before anything starts anywhere", () => {
  const start = (host: string): Step =>
    ({
      kind: "start-instance",
      id: host,
      title: host,
      host,
      after: ["network"],
      spec: { image: "x" },
    }) as unknown as Step;
  const network = { kind: "create-network", id: "network", name: "n", title: "network", after: [] };
  const create = network as unknown as Step;
  const images = new Map<never, never>();
  const steps = mergeNodePlans(
    [
      { node: "node1", steps: [create, start("web-one")], images },
      { node: "node2", steps: [create, start("api-one")], images },
    ],
    projectOf(confOf({}, false)),
    { spanning: { network: "n", manager: "node2", timeout: undefined } },
  );
  const waits = steps.map(({ id, node, after }) => [id, node, after]);
  const starts = ["node1: web-one", "node2: api-one"];
  expect(waits).toEqual([
    ["node2: network", "node2", []],
    ["node1: web-one", "node1", ["node2: network"]],
    ["node2: api-one", "node2", ["node2: network", "node1: web-one"]],
    ["node1: reach the others", "node1", starts],
    ["node2: reach the others", "node2", starts],
  ]);
});

test("what no network of all nodes can be is a mistake at its place", () => {
  const messages = (networks: Conf["networks"]): string[] =>
    resolveNodes(confOf(networks), folder).errors.map(({ message }) => message);
  expect(messages({ default: overlay })).toEqual([]);
  expect(messages({ front: { external: false, driver: "overlay", at } })).toEqual([
    "front: no other overlay spans the machines of node()",
  ]);
  expect(messages({ default: { ...overlay, driverOpts: { encrypted: "true" } } })).toEqual([
    "the overlay cannot be encrypted: where a kernel lacks ESP, it loses every packet",
  ]);
});

test("nothing starts where the nodes are in no swarm, or where no manager answers", () => {
  const node = (number: number, state: "active" | "inactive"): SwarmNode => ({
    ...{ name: `node${number}`, address: `10.0.0.${number}`, member: undefined },
    membership: { ...noSwarm, state, memberId: state === "active" ? `id${number}` : "" },
  });
  const messages = (...seen: readonly SwarmNode[]): string[] =>
    spanningErrors({ nodes: seen, members: [], unreachable: [] }).map(({ message }) => message);
  expect(messages(node(1, "active"), node(2, "inactive"))).toEqual([
    'node2: in no Docker Swarm, over which network("overlay") goes',
  ]);
  expect(messages(node(1, "active"))).toEqual([
    "node1: in a swarm, of which no manager is among the machines that answer",
  ]);
});
