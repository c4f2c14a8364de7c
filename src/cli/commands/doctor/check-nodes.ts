import type { ReynsError } from "../../../errors.ts";
import type { NodeState } from "../../../model/node-state.ts";
import type { ProjectNode } from "../../../model/nodes.ts";
import type { Project } from "../../../model/project.ts";
import {
  differenceRemedy,
  differenceText,
  differingImages,
} from "../../../plan/nodes/differing-images.ts";
import { imagesOf } from "../../../plan/resolve/images.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { bad, ok, warning, type Finding } from "../../../runtime/doctor/finding.ts";
import { withTimeout } from "../../../runtime/doctor/timeout.ts";
import { observeNodes } from "../../../runtime/nodes/observe.ts";
import { observe } from "../../../runtime/observe/observe.ts";
import type { ReachedNode } from "../../../runtime/swarm/read.ts";
import { openNode } from "../../common/context.ts";

export interface CheckedNodes {
  readonly findings: readonly Finding[];
  readonly reached: readonly ReachedNode[];
  /** The others, and why they do not answer. */
  readonly unreachable: readonly { readonly node: ProjectNode; readonly error: ReynsError }[];
}

/** Seconds that a clock may differ. */
const maxClockDifference = 60;

/** Asks the Engines of all nodes at the same time what they say of themselves. */
export async function checkNodeEngines(
  nodes: readonly ProjectNode[],
  project: Project,
): Promise<CheckedNodes> {
  const engines = new Map<string, Engine>();
  const open = async (node: ProjectNode): Promise<Engine> => {
    const engine = await openNode(node);
    engines.set(node.name, engine);
    return engine;
  };
  const states = await observeNodes(nodes, open, project);
  return {
    findings: states.flatMap(nodeFindings),
    reached: states.flatMap(({ node, facts }) => {
      const engine = engines.get(node.name);
      return facts && engine ? [{ node, engine, membership: facts.swarm }] : [];
    }),
    unreachable: states.flatMap(({ node, error }) => (error ? [{ node, error }] : [])),
  };
}

function nodeFindings({ node: { name: node, endpoint }, facts, error }: NodeState): Finding[] {
  if (error) return [{ ...bad("engine", error.message, { remedy: error.hint }), node }];
  const { version, api, clockDifference, outdatedKeys } = facts;
  const found = [ok("engine", `Docker ${version} (API ${api}) at ${endpoint}`)];
  if (outdatedKeys.length > 0) {
    const message = `the keys of ${outdatedKeys.join(", ")} are not the project's any more`;
    found.push(warning("keys", message, { remedy: `reyns rerun all node=${node}` }));
  }
  const seconds = Math.round(Math.abs(clockDifference));
  if (seconds >= maxClockDifference) {
    const direction = clockDifference > 0 ? "ahead of" : "behind";
    const message = `its clock is ${seconds} s ${direction} this machine's`;
    found.push(warning("clock", message, { remedy: "set it there, for example with NTP" }));
  }
  return found.map((finding) => ({ ...finding, node }));
}

/** Compares the images that instances of several nodes run. */
export async function checkNodeImages(
  nodes: readonly ReachedNode[],
  project: Project,
): Promise<Finding[]> {
  const parts = await Promise.all(
    nodes.map(async ({ node, engine }) => {
      const observed = observe(engine, project, imagesOf(project));
      return { node: node.name, images: (await withTimeout(engine, observed)).images };
    }),
  );
  return differingImages(parts, project).map((differing) =>
    warning("images", differenceText(differing), { remedy: differenceRemedy(differing) }),
  );
}
