/** How Docker Swarm runs an instance: as a service with so many tasks, on any of its nodes. */
export interface SwarmSettings {
  readonly replicas: number;
  /** Whether the new task of an update starts first, or the former one stops. */
  readonly order: "start-first" | "stop-first";
  /** Tasks that are updated at the same time. */
  readonly parallelism: number;
  /** Seconds between two of these groups. */
  readonly delay: number;
  /** Seconds after its start in which a task that ends makes the update fail. */
  readonly monitor: number;
  /** What Swarm does with an update that fails. */
  readonly onFailure: "rollback" | "pause";
  readonly placement: SwarmPlacement;
}

export interface SwarmPlacement {
  /** Such as `node.hostname==node1`; all of them have to hold. */
  readonly constraints: readonly string[];
  /** Attributes of nodes over whose values the tasks are spread, such as `node.labels.zone`. */
  readonly spread: readonly string[];
  /** Tasks on one node at most. */
  readonly maxPerNode?: number | undefined;
}

/** What a list of services shows of one that is an instance. */
export interface ObservedService {
  /** How many tasks there should be; 0 while it is stopped. */
  readonly desired: number;
  readonly running: number;
  /** How many its definition says, also while it is stopped. */
  readonly replicas: number;
  readonly update: ObservedUpdate | undefined;
}

/** The last update of a service. */
export interface ObservedUpdate {
  /** updating, paused, completed, rollback_started, rollback_paused, rollback_completed */
  readonly state: string;
  readonly message: string;
}
