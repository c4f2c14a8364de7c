import { expect, test } from "bun:test";
import { planLeave } from "../../src/plan/swarm/leave.ts";
import { describeChange } from "../../src/ui/views/swarm.ts";
import { outside, inside, swarmOf, leaveOptions } from "./support/swarm-nodes.ts";

const other = { name: "other", origin: "/other" };

test("leaving takes out workers first, and the last manager ends the swarm", () => {
  const nodes = [inside(1, "manager"), inside(2, "manager"), inside(3, "worker"), outside(4)];
  const { changes, kept } = planLeave(swarmOf(...nodes), leaveOptions);
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
  const { changes } = planLeave({ ...swarm, members: [...swarm.members, lost] }, leaveOptions);
  expect(changes.map(({ kind, node }) => `${kind} ${node}`)).toEqual([
    "forget node2",
    "leave node1",
    "leave node3",
  ]);
});

test("leaving takes out only machines that join has put in, unless told otherwise", () => {
  const swarm = swarmOf(inside(1, "manager", other), inside(2, "worker"));
  const { changes, kept } = planLeave(swarm, leaveOptions);
  expect(changes.map(describeChange)).toEqual(["node2 (10.0.0.2) leaves the swarm"]);
  expect(kept).toEqual(["node1"]);
  expect(planLeave(swarm, { ...leaveOptions, foreign: true }).changes.map(describeChange)).toEqual([
    "node2 (10.0.0.2) leaves the swarm",
    "node1 (10.0.0.1) leaves, which ends the swarm",
  ]);
});

test("leaving does not take out what another project of the same name has put in", () => {
  const twin = inside(2, "worker", { name: "shop", origin: "/elsewhere" });
  const { changes, kept } = planLeave(swarmOf(inside(1, "manager", other), twin), leaveOptions);
  expect(changes).toEqual([]);
  expect(kept).toEqual(["node1", "node2"]);
});

test("leaving counts no manager that has left, although the others still call it ready", () => {
  const { member } = inside(1, "manager", other);
  const swarm = swarmOf(outside(1), inside(2, "manager"), inside(3, "worker"));
  const { changes } = planLeave({ ...swarm, members: [...swarm.members, member] }, leaveOptions);
  expect(changes.map(describeChange)).toEqual([
    "the place that node1 (10.0.0.1) has lost, as a manager, is removed from the swarm",
    "node3 (10.0.0.3) leaves the swarm",
    "node2 (10.0.0.2) leaves, which ends the swarm",
  ]);
});

test("leaving takes no machine out of a second swarm, of which nothing is known", () => {
  const stranger = { ...inside(2, "manager"), member: undefined };
  const swarm = swarmOf(inside(1, "manager"), stranger);
  expect(planLeave(swarm, leaveOptions)).toMatchObject({ kept: ["node2"], errors: [] });
  const { changes, ...others } = planLeave(swarm, { ...leaveOptions, foreign: true });
  expect(changes.map(describeChange)).toEqual(["node1 (10.0.0.1) leaves, which ends the swarm"]);
  expect(others).toEqual({ kept: [], elsewhere: ["node2"], errors: [] });
});

test("leaving does not take the last manager from machines that stay", () => {
  const swarm = swarmOf(inside(1, "manager"), inside(2, "worker", other));
  const { changes, errors } = planLeave(swarm, leaveOptions);
  expect(changes).toEqual([]);
  expect(errors.map(({ message }) => message)).toEqual([
    "node2 (10.0.0.2): would be left in a swarm without a manager",
  ]);
});
