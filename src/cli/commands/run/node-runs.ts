import { ReynsError, throwAll } from "../../../errors.ts";
import { nodesOf, type ProjectNode } from "../../../model/nodes.ts";
import { isOn, selectionErrors } from "../../../plan/nodes/selections.ts";
import { valuesOnNode } from "../../../plan/nodes/values.ts";
import { connectAll, locateProject } from "../../common/context.ts";
import { useNodesOf } from "../../common/nodes.ts";
import { oneEngineError } from "../../common/one-engine.ts";
import type { NodeRun } from "./node-run.ts";
import type { RunOptions } from "./options.ts";
import { withServicesOnNodes } from "./services-on-nodes.ts";

/** @returns undefined where the conf runs on one Engine */
export async function nodeRuns(options: RunOptions): Promise<readonly NodeRun[] | undefined> {
  const { selections } = options;
  const nodes = nodesOf(options.project.conf);
  if (nodes.length === 0) return undefined;
  useNodesOf(options.project.conf);
  const { fleet } = await connectAll(await locateProject());
  if (!fleet) throw notFoundError(nodes);
  refuseUnsupported(options);
  if (options.receipt)
    throwAll((await import("./tested-services.ts")).testedServiceErrors(options));
  const settled = await withServicesOnNodes(options, { members: fleet.members, nodes });
  const { project } = settled;
  const connected = fleet.members.map(({ name }) => name);
  const all = nodes.map(({ name }) => name);
  throwAll(selectionErrors(selections, project, { connected, all }));
  return fleet.members.map(({ name, engine }) => {
    const node = nodes.find((one) => one.name === name);
    if (!node) throw new Error(`${name} is no node of the conf`);
    return {
      node,
      engine,
      options: {
        ...settled,
        leavesServices: connected.length < all.length,
        selections: selections
          .filter((one) => isOn(one, name, project))
          .map((one) => ({ ...one, group: name })),
        machineVariables: valuesOnNode(project, node, nodes),
      },
    };
  });
}

/** Commands such as `ps` look for `node(` in the script, and only then read the definition. */
export function notFoundError(nodes: readonly ProjectNode[]): ReynsError {
  const names = nodes.map(({ name }) => name).join(", ");
  return new ReynsError("INVALID_PROJECT", `other commands would not find the nodes ${names}`, {
    hint: "call node() in the reyns.ts itself, under this name",
    at: nodes[0]?.at,
  });
}

/** What a call about one container, or one Engine, cannot mean. */
function refuseUnsupported({ selections, savedPlan, onPlan }: RunOptions): void {
  const what = [
    selections.some(({ oneOff }) => oneOff !== undefined) && "a command after --",
    savedPlan && "plan=",
    onPlan && "attach",
  ].find(Boolean);
  if (what) throw oneEngineError(what, "use a conf without groups of nodes");
}
