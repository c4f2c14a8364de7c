import { errorWith, throwAll } from "../../../errors.ts";
import type { ProjectNode } from "../../../model/nodes.ts";
import { readSwarm, type ReadSwarm } from "../../../runtime/swarm/read.ts";
import { log } from "../../../ui/output/log.ts";
import { openNode, withEngineNotice } from "../../common/context.ts";
import type { NodesOptions } from "./options.ts";

/**
 * Connects to all nodes, or with `partial` to those that answer.
 *
 * @throws ReynsErrors NO_ENGINE
 */
export async function connectSwarm(
  nodes: readonly ProjectNode[],
  { partial }: Pick<NodesOptions, "partial">,
): Promise<ReadSwarm> {
  const swarm = await withEngineNotice(readSwarm(nodes, openNode));
  const { unreachable } = swarm;
  if (!partial || swarm.nodes.length === 0) {
    const hint = "nothing was changed; to go on without it, add partial=true";
    throwAll(
      unreachable.map((error) =>
        errorWith(error, { hint: [error.hint, hint].filter(Boolean).join("\n") }),
      ),
    );
  }
  for (const { message, hint } of unreachable) log.warn(message, ...(hint ? [hint] : []));
  return swarm;
}
