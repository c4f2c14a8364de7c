import type { SwarmSettings } from "./swarm-service.ts";

/** Which of the two containers of a replacement comes first: the new one starts, or the former one stops. */
export type ReplacementOrder = (typeof replacementOrders)[number];
export const replacementOrders = ["start-first", "stop-first"] as const;

/** What Docker Swarm does with an update that fails. */
export const failureActions = ["rollback", "pause"] as const;

/** Seconds in which the former container may end what it has begun, unless something else is said. */
export const defaultDrain = 10;

/** What a definition says of the replacement of an instance. */
export interface HandoverSettings {
  /** How many versions are kept to go back to, the one that serves included. */
  readonly versions: number;
  /** Undefined: as it can be. */
  readonly replace?: ReplacementOrder | undefined;
  /** Seconds in which its former container may end what it has begun. */
  readonly drain?: number | undefined;
  /** Docker Swarm runs it, and replaces it as these say. */
  readonly swarm?: SwarmSettings | undefined;
}

/** How a routed instance is to be replaced, by its definition. */
export interface Handover {
  readonly order: ReplacementOrder;
  /** What decided it. */
  readonly reasons: readonly string[];
  /** The definition asks for the order. */
  readonly isAsked: boolean;
  /** Seconds in which the former container may end the requests that it has begun. */
  readonly drain: number;
}

/** How one replacement of a routed instance goes. */
export type Replacing = Pick<Handover, "order" | "reasons">;

/** What a call that was killed has left beside the container of an instance. */
export interface Leftovers {
  /** The container that it replaces runs: it had not ended what it had begun. */
  readonly isPredecessorUp?: boolean;
  /** Id of a container that has started beside it, and not taken its place. */
  readonly successor?: string;
  /** That container runs. */
  readonly isSuccessorUp?: boolean;
}
