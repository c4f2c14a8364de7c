import { findCycle } from "../lib/graph.ts";
import type { ObservedInstance } from "../model/observed.ts";
import type {
  RemoveInstance,
  RestartInstance,
  SetAside,
  StartInstance,
  Step,
} from "../model/steps.ts";
import { collide } from "./checks/ports.ts";
import type { Bringing, StartOrder } from "./bringing.ts";
import { exchangePorts } from "./exchange-ports.ts";

interface OrderContext {
  /** Steps of the plan that starts may have to wait for, besides each other. */
  readonly before: readonly Step[];
  /** Ids of those that every start needs. */
  readonly needed: readonly string[];
  readonly removals: readonly Step[];
  /** The instances that these remove. */
  readonly leaving: readonly ObservedInstance[];
  readonly isSequential: boolean;
  /** How many instances of one service are replaced at the same time. */
  readonly atOnce: number;
}

/**
 * The starts in their order: after their dependencies, after whatever holds a port that they need, and instances of one
 * service that are replaced one after the other.
 */
export function orderStarts(
  bringing: readonly Bringing[],
  context: OrderContext,
): (SetAside | StartInstance | RestartInstance)[] {
  const known = new Set(
    [...context.before, ...bringing.map(({ step }) => step)].map(({ id }) => id),
  );
  const starts = bringing.map(({ step }) => ({
    ...step,
    after: unique([
      ...step.after.filter((id) => known.has(id)),
      ...context.needed,
      ...portHolders(step, context),
    ]),
  }));
  const ports = portEdges(bringing);
  if (context.isSequential) return exchangePorts(inSequence(starts), ports, bringing).steps;
  const { steps, others } = exchangePorts(starts, ports, bringing);
  // A port that is not free yet fails the start; the order in which instances of one service roll is of no consequence.
  return [...others, ...rollingEdges(bringing, context.atOnce)].reduce(withEdge, steps);
}

/** Left out where it would close a circle: the order of dependencies counts more. */
function withEdge<Start extends Step>(starts: readonly Start[], { from, to }: StartOrder): Start[] {
  const extended = starts.map((step) =>
    step.id === from ? { ...step, after: unique([...step.after, to]) } : step,
  );
  return findCycle(extended) ? [...starts] : extended;
}

/** Instances of one service are replaced one after the other, so that the others serve meanwhile. */
function rollingEdges(bringing: readonly Bringing[], atOnce: number): StartOrder[] {
  const replaced = bringing.filter(({ described }) => described.placed.action === "replace");
  const byService = Map.groupBy(replaced, ({ described }) => described.placed.selected.service);
  return [...byService.values()].flatMap((instances) =>
    instances.slice(atOnce).map(({ step }, index) => ({
      from: step.id,
      to: instances[index]?.step.id ?? "",
    })),
  );
}

/** A port moves from one instance to another when the first has given it up. */
function portEdges(bringing: readonly Bringing[]): StartOrder[] {
  return bringing.flatMap(({ step }) =>
    bringing
      .filter((other) => other.step !== step && holdsPortOf(other.described.placed.existing, step))
      .map((other) => ({ from: step.id, to: other.step.id })),
  );
}

function portHolders(step: Step, { removals, leaving }: OrderContext): string[] {
  const holders = leaving.filter((instance) => holdsPortOf(instance, step));
  const ids = new Set(holders.map(({ id }) => id));
  return removals
    .filter((removal): removal is RemoveInstance => removal.kind === "remove-instance")
    .filter(({ containerId }) => ids.has(containerId))
    .map(({ id }) => id);
}

function holdsPortOf(holder: ObservedInstance | undefined, step: Step): boolean {
  if (!holder || step.kind !== "start-instance") return false;
  return holder.ports.some(({ host, protocol, ip }) =>
    step.spec.ports.some(
      (port) =>
        host !== undefined && protocol === port.protocol && collide(port, { ...port, host, ip }),
    ),
  );
}

/** The order of a legacy conf is its contract: each instance waits for the one before. */
function inSequence<Start extends Step>(starts: readonly Start[]): Start[] {
  return starts.map((step, index) => {
    const before = starts[index - 1];
    const others = step.after.filter((id) => !starts.some((start) => start.id === id));
    return { ...step, after: before ? [...others, before.id] : others };
  });
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
