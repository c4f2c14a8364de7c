import type { SwarmChange } from "../../model/swarm.ts";

/** What a change will do: "node1 (10.0.0.11) joins the swarm as a worker". */
export function describeChange(change: SwarmChange): string {
  const subject = `${change.node} (${change.address})`;
  switch (change.kind) {
    case "init":
      return `${subject} begins a swarm, as a manager`;
    case "join":
      return `${subject} joins the swarm as a ${change.role}`;
    case "promote":
      return `${subject} becomes a manager of the swarm`;
    case "mark":
      return `${subject}, which an interrupted call let in, is marked as this project's`;
    case "forget":
      return `the place that ${subject} has lost, as a ${change.member.role}, is removed from the swarm`;
    case "leave":
      return change.isLast
        ? `${subject} leaves, which ends the swarm`
        : `${subject} leaves the swarm`;
  }
}

/** The same once it is done. */
export function describeDone(change: SwarmChange): string {
  const { node } = change;
  switch (change.kind) {
    case "init":
      return `✓ ${node} has begun a swarm, as a manager`;
    case "join":
      return `✓ ${node} has joined as a ${change.role}`;
    case "promote":
      return `✓ ${node} is a manager now`;
    case "mark":
      return `✓ ${node} is marked as this project's`;
    case "forget":
      return `✓ the former place of ${node} is removed`;
    case "leave":
      return `✓ ${node} has left`;
  }
}

export function changeToJson(change: SwarmChange): object {
  const { node, address, kind } = change;
  if (kind === "init") return { node, address, change: kind, role: "manager" };
  return { node, address, change: kind, ...(kind === "join" && { role: change.role }) };
}
