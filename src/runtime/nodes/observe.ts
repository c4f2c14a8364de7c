import { statfs } from "node:fs/promises";
import { withTimeout } from "../../docker/client/timeouts.ts";
import { engineFacts, type EngineFacts } from "../../docker/engine-facts.ts";
import { isRunning } from "../../model/observed.ts";
import type { NodeFacts, NodeState } from "../../model/node-state.ts";
import type { ProjectNode } from "../../model/nodes.ts";
import type { Project } from "../../model/project.ts";
import type { Engine } from "../connect.ts";
import { observeContainers } from "../observe/containers.ts";
import { nodeError, nodeTimeoutMs, type OpenNode } from "./node-error.ts";

type NamedProject = Pick<Project, "folder" | "origin" | "name">;

/** Asks all nodes at the same time; one that does not answer in time is reported with the reason. */
export function observeNodes(
  nodes: readonly ProjectNode[],
  open: OpenNode,
  project: NamedProject,
): Promise<NodeState[]> {
  return Promise.all(
    nodes.map(async (node): Promise<NodeState> => {
      try {
        const reading = open(node).then((engine) => readFacts(engine, project));
        return { node, facts: await withTimeout(nodeTimeoutMs, reading) };
      } catch (error) {
        return { node, error: nodeError(error, node) };
      }
    }),
  );
}

async function readFacts(engine: Engine, project: NamedProject): Promise<NodeFacts> {
  const [facts, { instances }] = await Promise.all([
    engineFacts(engine),
    observeContainers(engine, project, async () => project.name),
  ]);
  const running = instances.filter(isRunning);
  const { machine, version, api, os, architecture, clockDifference, swarm } = facts;
  return {
    machine,
    version,
    api,
    os,
    architecture,
    clockDifference,
    swarm,
    running: running.length,
    stopped: instances.length - running.length,
    outdatedKeys: running.filter(({ hasOldKeys }) => hasOldKeys).map(({ host }) => host),
    diskFree: await diskFreeOf(engine, facts),
  };
}

/** Only this machine's disk can be asked, and the storage drivers that have one of their own. */
async function diskFreeOf(
  { local }: Engine,
  { rootFolder, diskFree }: EngineFacts,
): Promise<number | undefined> {
  if (diskFree !== undefined || !local) return diskFree;
  try {
    const { bsize, bavail } = await statfs(rootFolder);
    return bsize * bavail;
  } catch {
    return undefined;
  }
}
