import type { Step } from "../../model/steps.ts";

/**
 * Steps that run at the same time, unless `jobs` is given. More starts at once gain nothing, and Docker 20.10 may fail
 * to free an address when twelve containers are removed together. Builds wait for more than the processor. A container
 * that takes its time to stop does not count while it does: the Engine kills those in the order in which they were told
 * to stop, eight every quarter of a second.
 */
const defaultJobs = { images: 12, containers: 8 };

const imageKinds = new Set<Step["kind"]>([
  "root-image",
  "build-image",
  "pull-image",
  "push-image",
  "tag-image",
  "send-image",
]);

/** Waits for a free slot; the result gives it back, and may be called more than once. */
export type TakeSlot = (step: Step) => Promise<() => void>;

/** Limits the steps that run at the same time on each node, images and containers separately. */
export function createSlots(jobs: number | undefined): TakeSlot {
  const byNode = new Map<string | undefined, TakeSlot>();
  return (step) => {
    const take = byNode.get(step.node) ?? createNodeSlots(jobs);
    byNode.set(step.node, take);
    return take(step);
  };
}

function createNodeSlots(jobs: number | undefined): TakeSlot {
  const images = createPool(jobs ?? defaultJobs.images);
  const containers = createPool(jobs ?? defaultJobs.containers);
  return ({ kind }) => (imageKinds.has(kind) ? images() : containers());
}

/** A counting semaphore, first come, first served. */
function createPool(count: number): () => Promise<() => void> {
  const waiting: (() => void)[] = [];
  let free = count;
  const release = (): void => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };
  return async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    let isHeld = true;
    return () => {
      if (isHeld) release();
      isHeld = false;
    };
  };
}
