import { formatSize } from "../../lib/format-size.ts";
import type { NodeFacts, NodeState } from "../../model/node-state.ts";
import { addressOf } from "../../model/nodes.ts";
import type { SwarmMembership } from "../../model/swarm.ts";
import { formatTable } from "../output/table.ts";

/** Seconds that a clock may differ without being shown: less is the time that the answer takes. */
const shownDifference = 2;

/** A table of nodes, with what their Engines tell of themselves. */
export function formatNodes(states: readonly NodeState[]): string {
  const columns = [
    { title: "NODE" },
    { title: "STATE", colour: (text: string) => (text === "ready" ? "green" : "red") },
    { title: "ADDRESS" },
    { title: "ENDPOINT", shrinks: true },
    { title: "ENGINE" },
    { title: "API", droppable: true },
    { title: "PLATFORM", droppable: true },
    { title: "SWARM" },
    { title: "INSTANCES" },
    { title: "KEYS" },
    { title: "DISK FREE", droppable: true },
    { title: "CLOCK" },
  ] as const;
  return formatTable(
    columns,
    states.map(({ node, facts }) => [
      node.name,
      facts ? "ready" : "unreachable",
      addressOf(node) ?? "",
      node.endpoint,
      ...(facts ? factTexts(facts) : []),
    ]),
  );
}

function factTexts(facts: NodeFacts): string[] {
  const { version, api, os, architecture, running, stopped, diskFree } = facts;
  const counts = [running > 0 && `${running} running`, stopped > 0 && `${stopped} stopped`];
  return [
    version,
    api,
    `${os}/${architecture}`,
    swarmText(facts.swarm),
    counts.filter(Boolean).join(", ") || "none",
    keysText(facts),
    diskFree === undefined ? "" : formatSize(diskFree),
    clockText(facts),
  ];
}

/** "manager", "worker", or what keeps it from being one. */
function swarmText({ state, isManager }: SwarmMembership): string {
  if (state === "inactive") return "";
  if (state !== "active") return state;
  return isManager ? "manager" : "worker";
}

function keysText({ running, outdatedKeys }: NodeFacts): string {
  if (running === 0) return "";
  return outdatedKeys.length === 0 ? "current" : `${outdatedKeys.length} outdated`;
}

/** "12 s behind" */
function clockText({ clockDifference }: NodeFacts): string {
  const seconds = Math.round(Math.abs(clockDifference));
  if (seconds < shownDifference) return "";
  return `${seconds} s ${clockDifference > 0 ? "ahead" : "behind"}`;
}

export function nodeToJson({ node, facts, error }: NodeState): object {
  const { name, endpoint } = node;
  const address = addressOf(node) ?? null;
  const known = { name, endpoint, address, reachable: facts !== undefined };
  if (error) return { ...known, error: { code: error.code, message: error.message } };
  const { diskFree, clockDifference, swarm, ...rest } = facts;
  return {
    ...known,
    ...rest,
    diskFree: diskFree ?? null,
    clockDifference: Math.round(clockDifference * 1000) / 1000,
    swarm: swarmToJson(swarm),
  };
}

function swarmToJson({ state, isManager, address, problem }: SwarmMembership): object | null {
  if (state === "inactive") return null;
  const role = isManager ? "manager" : "worker";
  return { state, role, address, problem: problem ?? null };
}
