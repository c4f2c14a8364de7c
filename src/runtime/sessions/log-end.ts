import type { Engine } from "../../docker/client/engine.ts";
import type { ContainerEvent } from "../../docker/containers/events.ts";
import { listContainers, type ContainerSummary } from "../../docker/containers/list.ts";
import { hostNameOf } from "../../model/host-names.ts";
import { labels, originFilter } from "../../model/labels.ts";
import { previousNameOf } from "../../model/resource-names.ts";
import type { LogSource } from "./logs.ts";

export interface FollowedInstances {
  readonly origin: string;
  /** Whether an instance that starts meanwhile belongs to the followed ones. */
  readonly isWanted: (source: LogSource) => boolean;
  readonly signal: AbortSignal;
}

/** How long nothing may run until the logs count as ended: a replacement has a gap between two containers. */
const idleMs = 5000;

/** The same while a replacement is under way, which may be a call that was killed. */
const replacementMs = 60_000;

interface IdleWait {
  readonly begin: (since?: number) => void;
  readonly cancel: () => void;
}

/** Calls back when nothing has run for a while, and no replacement is under way. */
export function createIdleWait(
  engine: Engine,
  options: FollowedInstances,
  { isActive, onIdle }: { readonly isActive: () => boolean; readonly onIdle: () => void },
): IdleWait {
  let timer: Timer | undefined;
  const begin = (since = performance.now()): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(since), idleMs);
  };
  const look = async (since: number): Promise<void> => {
    const mayGoOn = performance.now() - since < replacementMs;
    const idleSince = Date.now() - (performance.now() - since);
    const goesOn = mayGoOn && (await isReplacing(engine, options, idleSince).catch(() => false));
    // Another one may have started meanwhile.
    if (isActive() || options.signal.aborted) return;
    if (goesOn) begin(since);
    else onIdle();
  };
  return { begin, cancel: () => clearTimeout(timer) };
}

/** Whether a container of the followed instances has stopped for another one, or is made but not started. */
async function isReplacing(
  engine: Engine,
  { origin, isWanted }: FollowedInstances,
  idleSince: number,
): Promise<boolean> {
  const containers = await listContainers(engine, [originFilter(origin)]);
  return containers.some((container) => {
    const source = sourceOf({ id: container.id, attributes: container.labels });
    return source !== undefined && isWanted(source) && isOfReplacement(container, idleSince);
  });
}

/**
 * Whether a container shows that a replacement is under way. One that was made long before has never started.
 *
 * @param idleSince when nothing was running any more, in milliseconds since 1970
 */
export function isOfReplacement(
  { name, state, createdAt }: Pick<ContainerSummary, "name" | "state" | "createdAt">,
  idleSince: number,
): boolean {
  if (name.endsWith(previousNameOf(""))) return true;
  // The Engine counts whole seconds, and the end of a log shows some time after that of its container.
  return state === "created" && createdAt * 1000 >= idleSince - idleMs;
}

/** The instance that a container belongs to. */
export function sourceOf({
  id,
  attributes,
}: Pick<ContainerEvent, "id" | "attributes">): LogSource | undefined {
  const [service, instance] = [attributes[labels.service], attributes[labels.instance]];
  if (service === undefined || instance === undefined) return undefined;
  return { id, service, instance, host: hostNameOf(service, instance) };
}
