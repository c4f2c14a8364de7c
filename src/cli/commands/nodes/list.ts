import { observeNodes } from "../../../runtime/nodes/observe.ts";
import type { NodeState } from "../../../model/node-state.ts";
import { nodeToJson, formatNodes } from "../../../ui/views/nodes.ts";
import { log } from "../../../ui/output/log.ts";
import { print, printJson } from "../../../ui/output/print.ts";
import { loadProject, openNode, withEngineNotice } from "../../common/context.ts";
import { namedNodes, noNodes, type NodesOptions } from "./options.ts";

/** @returns the exit status */
export async function listNodes({ conf, json }: NodesOptions): Promise<number> {
  const project = await loadProject(conf);
  const states = await withEngineNotice(observeNodes(namedNodes(project), openNode, project));
  if (json) printJson(states.map(nodeToJson));
  else if (states.length > 0) print(formatNodes(states));
  else log.info(noNodes);
  for (const state of states) reportProblems(state);
  return states.every(({ facts }) => facts) ? 0 : 1;
}

function reportProblems({ node, facts, error }: NodeState): void {
  const { name } = node;
  if (error) return log.warn(error.message, ...(error.hint ? [error.hint] : []));
  const { problem } = facts.swarm;
  if (problem !== undefined) log.warn(`${name}: its swarm: ${problem}`);
  const [first] = facts.outdatedKeys;
  if (first === undefined) return;
  log.warn(`${name}: the keys of ${facts.outdatedKeys.join(", ")} are not the project's any more`);
}
