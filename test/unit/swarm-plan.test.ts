import { expect, test } from "bun:test";
import { ReynsError } from "../../src/errors.ts";
import { noSwarm, type SwarmMember, type SwarmNode } from "../../src/model/swarm.ts";
import { addressErrors, membershipErrors } from "../../src/plan/swarm/check.ts";
import { planJoin } from "../../src/plan/swarm/join.ts";
import { planLeave } from "../../src/plan/swarm/leave.ts";
import { describeChange } from "../../src/ui/views/swarm.ts";

const owner = { name: "shop", origin: "/shop" };
const other = { name: "other", origin: "/other" };

/** A machine that is in no swarm. */
function outside(number: number): SwarmNode {
  const [name, address] = [`node${number}`, `10.0.0.${number}`];
  return { name, address, membership: noSwarm, member: undefined };
}

function inside(
  number: number,
  role: SwarmMember["role"],
  joinedBy: SwarmMember["joinedBy"] = owner,
): SwarmNode & { member: SwarmMember } {
  const node = outside(number);
  const { address } = node;
  const isManager = role === "manager";
  const id = `id${number}`;
  return {
    ...node,
    membership: { ...noSwarm, state: "active", memberId: id, address, isManager },
    member: {
      ...{ id, version: 1, machine: node.name, role, state: "ready", address, joinedBy },
      ...{ availability: "active", isLost: false },
    },
  };
}

function swarmOf(...nodes: readonly SwarmNode[]): {
  nodes: readonly SwarmNode[];
  members: SwarmMember[];
  unreachable: ReynsError[];
} {
  return { nodes, members: nodes.flatMap(({ member }) => member ?? []), unreachable: [] };
}

/** Nothing is left of an earlier call. */
const own = { owner, joins: [] };
const leave = { ...own, foreign: false };

test("from three machines on a new swarm has three managers, otherwise one", () => {
  const changes = (count: number): string[] =>
    planJoin(swarmOf(...Array.from({ length: count }, (_, index) => outside(index + 1))), own).map(
      describeChange,
    );
  expect(changes(2)).toEqual([
    "node1 (10.0.0.1) begins a swarm, as a manager",
    "node2 (10.0.0.2) joins the swarm as a worker",
  ]);
  expect(changes(4)).toEqual([
    "node1 (10.0.0.1) begins a swarm, as a manager",
    "node2 (10.0.0.2) joins the swarm as a manager",
    "node3 (10.0.0.3) joins the swarm as a manager",
    "node4 (10.0.0.4) joins the swarm as a worker",
  ]);
});

test("machines that are in the swarm stay, and one more makes workers managers", () => {
  const two = [inside(1, "manager"), inside(2, "worker")];
  expect(planJoin(swarmOf(...two), own)).toEqual([]);
  expect(planJoin(swarmOf(...two, outside(3)), own).map(describeChange)).toEqual([
    "node2 (10.0.0.2) becomes a manager of the swarm",
    "node3 (10.0.0.3) joins the swarm as a manager",
  ]);
});

test.each([
  [false, "is down"],
  [true, "is still ready for its managers"],
])("a machine that has lost its place takes it again when that %p %s", (isReady) => {
  const { member } = inside(2, "manager");
  const swarm = swarmOf(inside(1, "manager"), outside(2), inside(3, "manager"));
  const lost = { ...member, state: isReady ? ("ready" as const) : ("down" as const) };
  const changes = planJoin({ ...swarm, members: [...swarm.members, lost] }, own);
  expect(changes.map(describeChange)).toEqual([
    "the place that node2 (10.0.0.2) has lost, as a manager, is removed from the swarm",
    "node2 (10.0.0.2) joins the swarm as a manager",
  ]);
});

test("the place of another Engine at the same address is not removed", () => {
  const twin = { ...outside(2), address: "10.0.0.1" };
  expect(planJoin(swarmOf(inside(1, "manager"), twin), own).map(({ kind }) => kind)).toEqual([
    "join",
  ]);
});

/** In a swarm of its managers' with this id, which a call of the project has begun or not. */
function managerOf(swarm: string, begunBy?: SwarmMember["joinedBy"]): SwarmNode {
  const node = inside(1, "manager");
  return { ...node, membership: { ...node.membership, swarm, begunBy } };
}

function unmarked(node: SwarmNode): SwarmNode {
  return { ...node, member: node.member && { ...node.member, joinedBy: undefined } };
}

test("a member whose join was killed before it was marked is marked, and leaves as the others", () => {
  const swarm = swarmOf(managerOf("S"), unmarked(inside(2, "worker")));
  const joins = (id: string): Parameters<typeof planLeave>[1] => ({
    ...leave,
    joins: [{ node: "node2", address: "10.0.0.2", swarm: id }],
  });
  expect(planJoin(swarm, joins("S")).map(describeChange)).toEqual([
    "node2 (10.0.0.2), which an interrupted call let in, is marked as this project's",
  ]);
  expect(planLeave(swarm, joins("S")).changes).toHaveLength(2);
  expect(planJoin(swarm, joins("T"))).toEqual([]);
  expect(planLeave(swarm, joins("T")).kept).toEqual(["node2"]);
});

test("a manager that began a swarm is marked only if the swarm says that the project began it", () => {
  const joins = [{ node: "node1", address: "10.0.0.1", swarm: undefined }];
  const kinds = (begunBy?: SwarmMember["joinedBy"]): string[] =>
    planJoin(swarmOf(unmarked(managerOf("S", begunBy))), { owner, joins }).map(({ kind }) => kind);
  expect(kinds(owner)).toEqual(["mark"]);
  expect(kinds({ ...owner, origin: "/elsewhere" })).toEqual([]);
  expect(kinds()).toEqual([]);
});

test("a request to join that nobody answered is made again", () => {
  const asking = { ...outside(2), membership: { ...noSwarm, state: "pending" as const } };
  const swarm = swarmOf(inside(1, "manager"), asking);
  expect(membershipErrors(swarm)).toEqual([]);
  expect(planJoin(swarm, own).map(({ kind }) => kind)).toEqual(["join"]);
});

test("machines that cannot be in one swarm are named with the reason", () => {
  const messages = (...nodes: readonly SwarmNode[]): string[] =>
    membershipErrors(swarmOf(...nodes)).map(({ message }) => message);
  expect(messages(inside(1, "worker"), outside(2))).toEqual([
    "node1: in a swarm, of which no manager is among the machines that answer",
  ]);
  expect(messages(inside(1, "manager"), { ...inside(2, "manager"), member: undefined })).toEqual([
    "node2: in another swarm than node1",
  ]);
  expect(messages({ ...inside(1, "manager"), address: "10.0.0.9" })).toEqual([
    "node1: in the swarm as 10.0.0.1, but its address is 10.0.0.9",
  ]);
  const withState = (state: "locked" | "error" | "pending"): SwarmNode => {
    const node = inside(1, "worker");
    return { ...node, membership: { ...node.membership, state, problem: "certificate expired" } };
  };
  expect(messages(withState("locked"))).toEqual(["node1: its swarm is locked"]);
  expect(messages(withState("error"))).toEqual([
    "node1: not working in its swarm: certificate expired",
  ]);
  expect(messages(withState("pending"))).toEqual(["node1: no manager of its swarm answers it"]);
});

test("nobody is advised to leave a swarm while a machine that may be its manager does not answer", () => {
  const swarm = swarmOf(inside(1, "worker"));
  const hints = (unreachable: ReynsError[]): string =>
    membershipErrors({ ...swarm, unreachable })
      .map(({ hint }) => hint)
      .join("\n");
  expect(hints([])).toContain("docker swarm leave --force");
  const away = hints([new ReynsError("NO_ENGINE", "node2: does not answer")]);
  expect(away).not.toContain("docker swarm leave");
  expect(away).toContain("start the machines that do not answer");
});

test("each machine of a swarm needs a private address", () => {
  const node = (name: string, endpoint: string): Parameters<typeof addressErrors>[0][number] => ({
    name,
    endpoint,
    at: { file: "reyns.ts" },
  });
  const nodes = [
    node("here", "local"),
    node("open", "ssh://8.8.8.8"),
    node("in", "ssh://10.0.0.3"),
  ];
  expect(addressErrors(nodes, false).map(({ message }) => message)).toEqual([
    'the node "here" has no address by which the others reach it',
    "open: 8.8.8.8 is a public address, and an overlay is for private networks only",
  ]);
  expect(addressErrors(nodes, true)).toHaveLength(1);
});

test("leaving takes out workers first, and the last manager ends the swarm", () => {
  const nodes = [inside(1, "manager"), inside(2, "manager"), inside(3, "worker"), outside(4)];
  const { changes, kept } = planLeave(swarmOf(...nodes), leave);
  expect(changes.map(describeChange)).toEqual([
    "node3 (10.0.0.3) leaves the swarm",
    "node1 (10.0.0.1) leaves the swarm",
    "node2 (10.0.0.2) leaves, which ends the swarm",
  ]);
  expect(kept).toEqual([]);
});

test("leaving removes the place of a machine that was set up anew first", () => {
  const { member } = inside(2, "manager");
  const swarm = swarmOf(inside(1, "manager"), outside(2), inside(3, "manager"));
  const lost = { ...member, state: "down" as const };
  const { changes } = planLeave({ ...swarm, members: [...swarm.members, lost] }, leave);
  expect(changes.map(({ kind, node }) => `${kind} ${node}`)).toEqual([
    "forget node2",
    "leave node1",
    "leave node3",
  ]);
});

test("leaving takes out only machines that join has put in, unless told otherwise", () => {
  const swarm = swarmOf(inside(1, "manager", other), inside(2, "worker"));
  const { changes, kept } = planLeave(swarm, leave);
  expect(changes.map(describeChange)).toEqual(["node2 (10.0.0.2) leaves the swarm"]);
  expect(kept).toEqual(["node1"]);
  expect(planLeave(swarm, { ...leave, foreign: true }).changes.map(describeChange)).toEqual([
    "node2 (10.0.0.2) leaves the swarm",
    "node1 (10.0.0.1) leaves, which ends the swarm",
  ]);
});

test("leaving does not take out what another project of the same name has put in", () => {
  const twin = inside(2, "worker", { name: "shop", origin: "/elsewhere" });
  const { changes, kept } = planLeave(swarmOf(inside(1, "manager", other), twin), leave);
  expect(changes).toEqual([]);
  expect(kept).toEqual(["node1", "node2"]);
});

test("leaving counts no manager that has left, although the others still call it ready", () => {
  const { member } = inside(1, "manager", other);
  const swarm = swarmOf(outside(1), inside(2, "manager"), inside(3, "worker"));
  const { changes } = planLeave({ ...swarm, members: [...swarm.members, member] }, leave);
  expect(changes.map(describeChange)).toEqual([
    "the place that node1 (10.0.0.1) has lost, as a manager, is removed from the swarm",
    "node3 (10.0.0.3) leaves the swarm",
    "node2 (10.0.0.2) leaves, which ends the swarm",
  ]);
});

test("leaving takes no machine out of a second swarm, of which nothing is known", () => {
  const stranger = { ...inside(2, "manager"), member: undefined };
  const swarm = swarmOf(inside(1, "manager"), stranger);
  expect(planLeave(swarm, leave)).toMatchObject({ kept: ["node2"], errors: [] });
  const { changes, ...others } = planLeave(swarm, { ...leave, foreign: true });
  expect(changes.map(describeChange)).toEqual(["node1 (10.0.0.1) leaves, which ends the swarm"]);
  expect(others).toEqual({ kept: [], elsewhere: ["node2"], errors: [] });
});

test("leaving does not take the last manager from machines that stay", () => {
  const swarm = swarmOf(inside(1, "manager"), inside(2, "worker", other));
  const { changes, errors } = planLeave(swarm, leave);
  expect(changes).toEqual([]);
  expect(errors.map(({ message }) => message)).toEqual([
    "node2 (10.0.0.2): would be left in a swarm without a manager",
  ]);
});
