import type { CreateNetwork, Step } from "../../model/steps.ts";
import { isBringUp } from "../../model/steps.ts";
import { idOnNode } from "./on-node.ts";

/** A network of all nodes. */
export interface Spanning {
  /** Its name on the Engines. */
  readonly network: string;
  /** The node that creates it. */
  readonly manager: string;
  /** Seconds to wait for what goes through it; undefined for the default. */
  readonly timeout: number | undefined;
}

/**
 * Creates the network once, on a manager of the swarm, before anything starts in it anywhere; when everything has
 * started, each node shows that it reaches the others.
 */
export function spanNodes(
  steps: readonly Step[],
  nodes: readonly string[],
  spanning: Spanning,
): Step[] {
  const whole = createOnce(steps, spanning);
  const starts = whole.filter(isBringUp).map(({ id }) => id);
  if (starts.length === 0 || nodes.length < 2) return whole;
  const probes = nodes.map((node): Step => ({
    kind: "probe-network",
    id: idOnNode(node, "reach the others"),
    node,
    after: starts,
    title: "reach the other machines",
    reason: "what is sent may be lost on the way",
    network: spanning.network,
    peers: nodes.filter((other) => other !== node),
    timeout: spanning.timeout,
  }));
  return [...whole, ...probes];
}

function createOnce(steps: readonly Step[], { network, manager }: Spanning): Step[] {
  const isOwn = (step: Step): step is CreateNetwork =>
    step.kind === "create-network" && step.name === network;
  const creating = steps.filter(isOwn);
  const [first] = creating;
  if (!first) return [...steps];
  const id = idOnNode(manager, "network");
  const ids = new Set(creating.map((step) => step.id));
  const after = [...new Set(creating.flatMap((step) => step.after))];
  const others = steps.filter((step) => !isOwn(step));
  return [
    { ...first, id, node: manager, after },
    ...others.map((step) => ({
      ...step,
      after: [...new Set(step.after.map((before) => (ids.has(before) ? id : before)))],
    })),
  ];
}
