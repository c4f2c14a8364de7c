import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { nodeToJson, formatNodes } from "../../ui/views/nodes.ts";
import { log } from "../../ui/output/log.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { observeNodes } from "../../runtime/nodes/observe.ts";
import type { NodeState } from "../../model/node-state.ts";
import type { ProjectNode } from "../../model/nodes.ts";
import type { Project } from "../../model/project.ts";
import { loadProject, openNode, withEngineNotice } from "../common/context.ts";

export const examples: Examples = [
  ["reyns nodes", "every machine of the project"],
  ["reyns nodes json", "for a script"],
  ["reyns nodes && reyns ps", "only when all of them answer"],
];

export const command = defineCommand({
  meta: {
    name: "nodes",
    description:
      "Lists the project's machines, as node() and host.conf name them: whether the Engine answers, its version and platform, how many instances of the project are there, whether those have the project's keys, and how far its clock is from this machine's. All are asked at the same time, and one that does not answer within 5 seconds is unreachable; the exit status is then 1.",
  },
  args: { conf: args.conf, json: args.json },
  run: async ({ args: { conf, json } }) => {
    const project = await loadProject(args.parseConfName(conf));
    const nodes = listNodes(project);
    const states = await withEngineNotice(observeNodes(nodes, openNode, project));
    if (json) printJson(states.map(nodeToJson));
    else if (states.length > 0) print(formatNodes(states));
    else log.info('no machines named yet: add node("node1", "ssh://USER@HOST") to reyns.ts');
    for (const state of states) reportProblems(state);
    return states.every(({ facts }) => facts) ? 0 : 1;
  },
});

/** All that are named, whether the conf uses them or not. */
function listNodes({ conf }: Project): ProjectNode[] {
  return Object.entries(conf.nodes ?? {}).map(([name, node]) => ({ name, ...node }));
}

function reportProblems({ node, facts, error }: NodeState): void {
  const { name } = node;
  if (error) return log.warn(error.message, ...(error.hint ? [error.hint] : []));
  const [first] = facts.outdatedKeys;
  if (first === undefined) return;
  log.warn(`${name}: the keys of ${facts.outdatedKeys.join(", ")} are not the project's any more`);
}
