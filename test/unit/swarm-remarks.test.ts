import { expect, test } from "bun:test";
import { noSwarm, type SwarmMember, type SwarmNode } from "../../src/model/swarm.ts";
import { swarmRemarks } from "../../src/plan/swarm/remarks.ts";

interface Given {
  readonly role: SwarmMember["role"];
  readonly isReady?: boolean;
  readonly availability?: SwarmMember["availability"];
  readonly isReachable?: boolean;
}

/** The remarks on a swarm of these machines: "node1: message (remedy)". */
function remarksOn(...machines: readonly Given[]): string[] {
  const nodes = machines.map((given, index): SwarmNode & { member: SwarmMember } => {
    const [name, id] = [`node${index + 1}`, `id${index + 1}`];
    const isManager = given.role === "manager";
    const address = `10.0.0.${index + 1}`;
    return {
      ...{ name, address },
      membership: { ...noSwarm, state: "active", memberId: id, address, isManager },
      member: {
        ...{ id, address, version: 1, machine: `host${index + 1}`, joinedBy: undefined },
        ...{ isReady: true, availability: "active", isReachable: isManager ? true : undefined },
        ...given,
      },
    };
  });
  const members = nodes.map(({ member }) => member);
  return swarmRemarks({ nodes, members }).map(
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
  const one = "the swarm has 1 manager: if one fails, nothing in the swarm can be changed";
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

test("a manager that the others have lost is named, with what another loss would cost", () => {
  const lost = { role: "manager", isReady: false, isReachable: false } as const;
  const remedy = "(start it; or, if it is gone, on a manager: docker node demote host2)";
  const message = "the managers do not reach node2, one of them";
  expect(remarksOn(manager, lost, manager)).toEqual([
    `all: ${message}; if one more fails, nothing in the swarm can be changed ${remedy}`,
  ]);
  expect(remarksOn(manager, lost, manager, manager, manager)).toEqual([
    `all: ${message} ${remedy}`,
  ]);
});

test("a machine that the managers do not reach has its ports named", () => {
  expect(remarksOn(manager, { ...worker, isReady: false })).toEqual([
    expect.stringMatching(/^node2: the managers of its swarm do not reach it.*2377\/tcp/),
  ]);
});

test("machines without tasks are a problem when all are", () => {
  const drained = { ...worker, availability: "drain" } as const;
  expect(remarksOn(manager, drained)).toEqual([]);
  expect(remarksOn({ ...manager, availability: "pause" }, drained)).toEqual([
    expect.stringContaining("no machine takes tasks"),
  ]);
});
