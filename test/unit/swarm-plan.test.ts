import { expect, test } from "bun:test";
import { ReynsError } from "../../src/errors.ts";
import { noSwarm, type SwarmMember, type SwarmNode } from "../../src/model/swarm.ts";
import { addressErrors, membershipErrors } from "../../src/plan/swarm/check.ts";
import { planJoin } from "../../src/plan/swarm/join.ts";
import { planLeave } from "../../src/plan/swarm/leave.ts";
import { describeChange } from "../../src/ui/views/swarm.ts";
import {
  swarmOwner,
  outside,
  inside,
  swarmOf,
  joinOptions,
  leaveOptions,
} from "./support/swarm-nodes.ts";

test("from three machines on a new swarm has three managers, otherwise one", () => {
  const changes = (count: number): string[] =>
    planJoin(
      swarmOf(...Array.from({ length: count }, (_, index) => outside(index + 1))),
      joinOptions,
    ).map(describeChange);
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
  expect(planJoin(swarmOf(...two), joinOptions)).toEqual([]);
  expect(planJoin(swarmOf(...two, outside(3)), joinOptions).map(describeChange)).toEqual([
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
  const changes = planJoin({ ...swarm, members: [...swarm.members, lost] }, joinOptions);
  expect(changes.map(describeChange)).toEqual([
    "the place that node2 (10.0.0.2) has lost, as a manager, is removed from the swarm",
    "node2 (10.0.0.2) joins the swarm as a manager",
  ]);
});

test("the place of another Engine at the same address is not removed", () => {
  const twin = { ...outside(2), address: "10.0.0.1" };
  expect(
    planJoin(swarmOf(inside(1, "manager"), twin), joinOptions).map(({ kind }) => kind),
  ).toEqual(["join"]);
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
    ...leaveOptions,
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
    planJoin(swarmOf(unmarked(managerOf("S", begunBy))), { owner: swarmOwner, joins }).map(
      ({ kind }) => kind,
    );
  expect(kinds(swarmOwner)).toEqual(["mark"]);
  expect(kinds({ ...swarmOwner, origin: "/elsewhere" })).toEqual([]);
  expect(kinds()).toEqual([]);
});

test("a request to join that nobody answered is made again", () => {
  const asking = { ...outside(2), membership: { ...noSwarm, state: "pending" as const } };
  const swarm = swarmOf(inside(1, "manager"), asking);
  expect(membershipErrors(swarm)).toEqual([]);
  expect(planJoin(swarm, joinOptions).map(({ kind }) => kind)).toEqual(["join"]);
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
