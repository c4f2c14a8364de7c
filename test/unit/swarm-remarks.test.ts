import { expect, test } from "bun:test";
import type { Conf } from "../../src/model/project.ts";
import { noSwarm, type SwarmMember, type SwarmNode } from "../../src/model/swarm.ts";
import { dockerNameOf } from "../../src/plan/swarm/docker-name.ts";
import { unplacedServices } from "../../src/plan/swarm/unplaced.ts";
import { swarmRemarks } from "../../src/plan/swarm/remarks.ts";

interface Given {
  readonly role: SwarmMember["role"];
  readonly state?: SwarmMember["state"];
  readonly availability?: SwarmMember["availability"];
  readonly isLost?: boolean;
  /** Does not answer this call. */
  readonly isOff?: boolean;
}

/** A swarm of these machines. */
function swarmOf(machines: readonly Given[]) {
  const all = machines.map(({ isOff = false, ...given }, index) => {
    const [name, id] = [`node${index + 1}`, `id${index + 1}`];
    const isManager = given.role === "manager";
    const address = `10.0.0.${index + 1}`;
    const member: SwarmMember = {
      ...{ id, address, version: 1, machine: `host${index + 1}`, joinedBy: undefined },
      ...{ state: "ready", availability: "active", isLost: false },
      ...given,
    };
    const membership = { ...noSwarm, state: "active" as const, memberId: id, address, isManager };
    const node: SwarmNode = { name, address, membership, member };
    const machine = { name, endpoint: `ssh://${address}`, address, at: { file: "reyns.ts" } };
    return { isOff, node, machine, member };
  });
  const nodes = all.filter(({ isOff }) => !isOff).map(({ node }) => node);
  const members = all.map(({ member }) => member);
  const project = all.map(({ machine }) => machine);
  return { seen: { nodes, members }, project };
}

/** The remarks on a swarm of these machines: "node1: message (remedy)". */
function remarksOn(...machines: readonly Given[]): string[] {
  const { seen, project } = swarmOf(machines);
  return swarmRemarks(seen, project).map(
    ({ node, message, remedy }) => `${node ?? "all"}: ${message} (${remedy})`,
  );
}

const manager = { role: "manager" } as const;
const worker = { role: "worker" } as const;

test("one manager of two machines and three of three are as good as it gets", () => {
  expect(remarksOn(manager, worker)).toEqual([]);
  expect(remarksOn(manager, manager, manager, worker)).toEqual([]);
});

test("too few managers are named with the way to more, or to fewer", () => {
  const one = "the swarm has 1 manager: if it fails, nothing in the swarm can be changed";
  const two = "the swarm has 2 managers: if one fails, nothing in the swarm can be changed";
  expect(remarksOn(manager, worker, worker)).toEqual([
    `all: ${one} (make three managers: reyns nodes join)`,
  ]);
  expect(remarksOn(manager, manager, worker)).toEqual([
    `all: ${two} (make three managers: reyns nodes join)`,
  ]);
  expect(remarksOn(manager, manager)).toEqual([
    `all: ${two} (on a manager: docker node demote host2)`,
  ]);
});

test("the way to three managers is the same while a machine is off", () => {
  const off = { ...worker, isOff: true, state: "down" } as const;
  expect(remarksOn(manager, manager, off)).toEqual([
    expect.stringContaining("make three managers"),
  ]);
  expect(remarksOn(manager, worker, off)).toEqual([expect.stringContaining("make three managers")]);
});

test("a manager that the others have lost is named, with what another loss would cost", () => {
  const lost = { role: "manager", state: "down", isLost: true, isOff: true } as const;
  const message = "node2: the other managers do not reach the manager node2";
  const remedy = "(start it; or, if it is gone for good, on a manager: docker node demote host2)";
  expect(remarksOn(manager, lost, manager)).toEqual([
    `${message}; if another one fails, nothing in the swarm can be changed ${remedy}`,
  ]);
  expect(remarksOn(manager, lost, manager, manager, manager)).toEqual([`${message} ${remedy}`]);
  expect(remarksOn(manager, { ...lost, isOff: false }, manager)).toEqual([
    expect.stringMatching(/^node2: .*; if another one fails.* \(let the machines reach each other/),
  ]);
});

test("a machine that the managers do not reach has its ports named", () => {
  expect(remarksOn(manager, { ...worker, state: "down" })).toEqual([
    expect.stringMatching(/^node2: the managers of its swarm do not reach it.*2377\/tcp/),
  ]);
  expect(remarksOn(manager, { ...worker, state: "unknown" })).toEqual([]);
});

const drained = { ...worker, availability: "drain" } as const;
const paused = { ...manager, availability: "pause" } as const;

/** What is said of the services api and web with these placements, where web has one. */
function unplacedOn(
  machines: readonly Given[],
  api: readonly string[] = [],
  web?: readonly string[],
): string[] {
  const services = Object.entries({ api, web }).flatMap(([service, constraints]) =>
    constraints ? [{ service, instance: "one", swarm: { placement: { constraints } } }] : [],
  );
  const conf = { instances: [{ service: "db", instance: "one" }, ...services] };
  const found = unplacedServices(conf as unknown as Conf, swarmOf(machines).seen);
  return found.map(({ message, remedy }) => `${message.split(";")[0]} (${remedy})`);
}

test("a group that is no machine, or a machine that does not answer, is taken for one that is not there", () => {
  const placement = { constraints: [] };
  const inGroup = { service: "api", instance: "one", group: "front", swarm: { placement } };
  const { seen } = swarmOf([manager, { ...worker, isOff: true }]);
  const found = (nodes?: object): unknown[] =>
    unplacedServices({ instances: [inGroup], nodes } as unknown as Conf, seen);
  expect([found(), found({ front: {} })]).toEqual([[], []]);
  expect(found({ front: {}, node1: {} })).toEqual([]);
});

const activate = "on a manager: docker node update --availability active";

test("services are reported when all machines are drained, paused or down, and not before", () => {
  expect(unplacedOn([manager, drained])).toEqual([]);
  expect(unplacedOn([paused, drained], [], [])).toEqual([
    `no machine takes tasks of api-one, web-one: node1 is paused, node2 is drained (${activate} host1)`,
  ]);
  expect(unplacedOn([paused, { ...worker, state: "down" }])).toEqual([
    `no machine takes tasks of api-one: node1 is paused, node2 is down (${activate} host1)`,
  ]);
});

test("a service is reported when only machines that its placement excludes take tasks", () => {
  const swarm = [manager, drained];
  for (const placed of ["node.hostname==node2", "node.hostname == host2", "node.id==id2"])
    expect(unplacedOn(swarm, [placed], [])).toEqual([
      `no machine takes tasks of api-one: node2 is drained (${activate} host2)`,
    ]);
  expect(unplacedOn(swarm, ["node.role!=manager"])).toHaveLength(1);
  expect(unplacedOn(swarm, ["node.role==manager", "node.labels.zone==a"])).toEqual([]);
  expect(unplacedOn([manager, { ...worker, state: "down" }], ["node.role==worker"])).toEqual([
    "no machine takes tasks of api-one: node2 is down (start one of them)",
  ]);
  expect(unplacedOn(swarm, ["node.hostname==node3"])).toEqual([
    "no machine takes tasks of api-one: none in the swarm has node.hostname==node3 (correct its placement, or let such a machine join: reyns nodes join)",
  ]);
});

test("Docker's commands name a machine by its id where another one has its host name", () => {
  const [one, two] = [
    { id: "id1", machine: "ubuntu" },
    { id: "id2", machine: "ubuntu" },
  ] as const;
  expect(dockerNameOf(one, [one, two])).toBe("id1");
  expect(dockerNameOf(one, [one])).toBe("ubuntu");
  expect(dockerNameOf({ ...one, machine: "" }, [one])).toBe("id1");
});
