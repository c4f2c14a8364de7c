import type { ProjectNode } from "../../../model/nodes.ts";
import type { Project } from "../../../model/project.ts";

export interface NodesOptions {
  readonly conf: string | undefined;
  readonly json: boolean;
  readonly yes: boolean;
  /** Go on without machines that do not answer. */
  readonly partial: boolean;
  readonly foreign: boolean;
  readonly allowPublic: boolean;
}

/** All that are named, whether the conf uses them or not. */
export function namedNodes({ conf }: Project): ProjectNode[] {
  return Object.entries(conf.nodes ?? {}).map(([name, node]) => ({ name, ...node }));
}

export const noNodes = 'no machines named yet: add node("node1", "ssh://USER@HOST") to reyns.ts';
