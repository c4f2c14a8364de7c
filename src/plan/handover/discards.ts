import type { RemoveInstance, Step } from "../../model/steps.ts";
import type { DescribedStart } from "../describe/described-start.ts";
import { formerRemoval, successorRemoval } from "../lifecycle-plan.ts";

/**
 * Removes what a call that was cut off has left beside the containers of instances: a former one when the one that has
 * taken its place is ready and gets the requests, and one that has started beside at once.
 *
 * @param before steps that wait for instances, or send them requests
 */
export function discards(
  described: readonly DescribedStart[],
  before: readonly Step[],
): RemoveInstance[] {
  return described.flatMap(({ placed: { existing, starts }, step }) => {
    if (!existing) return [];
    const { routed, handover } = step;
    const own = before.filter(
      ({ kind, title }) => kind === "configure-router" || title === step.host,
    );
    const after = own.map(({ id }) => id);
    const isAwaited = own.some(({ kind }) => kind === "await-instance");
    const reason = isAwaited && { reason: "once its successor is ready" };
    const draining =
      routed && handover && existing.isPredecessorUp
        ? { draining: { router: routed.router, seconds: handover.drain } }
        : {};
    const former = starts ? [] : formerRemoval(existing);
    return [
      ...former.map((removal) => ({ ...removal, ...reason, ...draining, after })),
      ...successorRemoval(existing),
    ];
  });
}

/** A start waits until what was left beside the container is gone: another one gets its name. */
export function afterDiscards<Start extends Step & { readonly host: string }>(
  start: Start,
  described: readonly DescribedStart[],
): Start {
  const existing = described.find(({ step }) => step.host === start.host)?.placed.existing;
  const ids = existing ? successorRemoval(existing).map(({ id }) => id) : [];
  return ids.length === 0 ? start : { ...start, after: [...start.after, ...ids] };
}
