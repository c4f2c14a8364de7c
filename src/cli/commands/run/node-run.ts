import type { ProjectNode } from "../../../model/nodes.ts";
import type { Engine } from "../../../runtime/connect.ts";
import type { RunOptions } from "./options.ts";

/** The share of one node in a run. */
export interface NodeRun {
  readonly node: ProjectNode;
  readonly engine: Engine;
  readonly options: RunOptions;
}
