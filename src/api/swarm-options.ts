import type { OneOrMore, Period } from "./option-values.ts";

/** Where the tasks of a Swarm service run. Default: on any node. */
export interface SwarmPlacementOptions {
  /** The only node that may run it: its host name, or its name of `node()`. */
  readonly node?: string;
  /**
   * What a node has to have, all of them.
   *
   * @see https://docs.docker.com/reference/cli/docker/service/create/#constraint
   * @example
   * constraints: ["node.role!=manager", "node.labels.zone==a"]
   */
  readonly constraints?: OneOrMore<string>;
  /** Attributes of nodes over whose values the tasks are spread evenly: `"node.labels.zone"`. */
  readonly spread?: OneOrMore<string>;
  /** Tasks on one node at most. Default: no limit. */
  readonly maxPerNode?: number;
}

/**
 * Runs an instance that keeps nothing on its machine as a service of Docker Swarm.
 *
 * @example
 * swarm: { replicas: 3, order: "start-first", delay: "5s", placement: { constraints: ["node.role!=manager"] } }
 */
export interface SwarmOptions {
  /** How many tasks run at the same time, 1 to 1000. Default: 1. */
  readonly replicas?: number;
  /** Of an update: the new task starts before the former one stops, or the other way round. Default: `"stop-first"`. */
  readonly order?: "start-first" | "stop-first";
  /** How many tasks are updated at the same time. Default: 1. */
  readonly parallelism?: number;
  /** Time between these groups. Default: 0. */
  readonly delay?: Period;
  /** How long a new task has to run until the update goes on. Default: 5 s. */
  readonly monitor?: Period;
  /** What becomes of an update of which a task fails: the former version comes back, or all stays as it is. Default: `"rollback"`. */
  readonly onFailure?: "rollback" | "pause";
  readonly placement?: SwarmPlacementOptions;
}
