import type { Engine } from "../../docker/client/engine.ts";
import type { ProjectIdentity } from "../../model/resource-names.ts";

export interface SwarmContext {
  readonly engines: ReadonlyMap<string, Engine>;
  /** Nodes that are managers; changes add and remove some. */
  readonly managers: Set<string>;
  readonly owner: ProjectIdentity;
  /** The project's `.reyns`. */
  readonly stateFolder: string;
  /** For networks of the swarm without a range of their own. */
  readonly pool: string;
}

/** One that answers, other than the node itself. */
export function managerFor(node: string | undefined, context: SwarmContext): Engine {
  const name = [...context.managers].find((manager) => manager !== node);
  if (name === undefined) throw new Error("a swarm without a manager");
  return engineOf(name, context);
}

export function engineOf(node: string, { engines }: SwarmContext): Engine {
  const engine = engines.get(node);
  if (!engine) throw new Error(`not connected to ${node}`);
  return engine;
}
