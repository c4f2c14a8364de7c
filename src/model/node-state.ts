import type { ReynsError } from "../errors.ts";
import type { ProjectNode } from "./nodes.ts";
import type { SwarmMembership } from "./swarm.ts";

/** What was found out about a node, or why nothing was. */
export type NodeState =
  | { readonly node: ProjectNode; readonly facts: NodeFacts; readonly error?: never }
  | { readonly node: ProjectNode; readonly error: ReynsError; readonly facts?: never };

export interface NodeFacts {
  /** Host name of the machine. */
  readonly machine: string;
  /** Of the Engine, such as "28.5.2". */
  readonly version: string;
  /** Version of the API that is used with it. */
  readonly api: string;
  readonly os: string;
  readonly architecture: string;
  /** Instances of the project that run there, and that have stopped. */
  readonly running: number;
  readonly stopped: number;
  /** Running instances whose keys are not the project's any more. */
  readonly outdatedKeys: readonly string[];
  /** Bytes; undefined where the Engine does not tell. */
  readonly diskFree: number | undefined;
  /** Seconds that its clock is ahead of this machine's. */
  readonly clockDifference: number;
  readonly swarm: SwarmMembership;
}
