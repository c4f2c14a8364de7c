import type { Engine, FleetMember } from "../../docker/client/engine.ts";
import { createFleetEngine } from "../../docker/fleet/fleet-engine.ts";
import { withTimeout } from "../../docker/client/timeouts.ts";
import { translateError } from "../../docker/client/errors.ts";
import { throwAll, type ReynsError } from "../../errors.ts";
import type { ProjectNode } from "../../model/nodes.ts";
import { nodeError, nodeTimeoutMs, type OpenNode } from "./node-error.ts";

/**
 * Connects to all nodes at the same time, waits some seconds for each at most, and makes one Engine of those that answer.
 *
 * @param builder the first node of the conf, which need not be one of them
 * @throws ReynsErrors NO_ENGINE when none does
 */
export async function connectFleet(
  nodes: readonly ProjectNode[],
  open: OpenNode,
  builder: string | undefined,
): Promise<Engine> {
  const reached = await Promise.all(
    nodes.map(async (node): Promise<FleetMember | ReynsError> => {
      try {
        const engine = await open(node);
        const answer = engine.features().catch((error: unknown) => {
          throw translateError(engine, error);
        });
        await withTimeout(nodeTimeoutMs, answer);
        return { name: node.name, engine };
      } catch (error) {
        return nodeError(error, node);
      }
    }),
  );
  const members = reached.filter((one): one is FleetMember => "engine" in one);
  const unreachable = reached.filter((one): one is ReynsError => !("engine" in one));
  if (members.length === 0) throwAll(unreachable);
  return createFleetEngine(members, unreachable, builder);
}
