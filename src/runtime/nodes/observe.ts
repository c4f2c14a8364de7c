import { statfs } from "node:fs/promises";
import { timeoutCode, withTimeout } from "../../docker/client/timeouts.ts";
import { engineFacts, type EngineFacts } from "../../docker/system.ts";
import { ReynsError } from "../../errors.ts";
import { isRunning } from "../../model/observed.ts";
import type { NodeFacts, NodeState } from "../../model/node-state.ts";
import type { ProjectNode } from "../../model/nodes.ts";
import type { Project } from "../../model/project.ts";
import type { Engine } from "../connect.ts";
import { observeContainers } from "../observe/containers.ts";

/** Opens the Engine of a node; nothing has to be sent yet. */
export type OpenNode = (node: ProjectNode) => Promise<Engine>;

type NamedProject = Pick<Project, "folder" | "origin" | "name">;

/** A machine that is off is not waited for. ssh, which says more about the cause, gives up after 5 s. */
const timeoutMs = 5500;

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
        return { node, facts: await withTimeout(timeoutMs, reading) };
      } catch (error) {
        return { node, error: toReynsError(error, node) };
      }
    }),
  );
}

function toReynsError(error: unknown, { endpoint }: ProjectNode): ReynsError {
  if (error instanceof ReynsError) return error;
  if ((error as NodeJS.ErrnoException).code !== timeoutCode) throw error;
  return new ReynsError(
    "NO_ENGINE",
    `the Docker Engine at ${endpoint} does not answer within 5 s`,
    {
      hint: "check that the machine is on, and that no firewall is in between",
      cause: error,
    },
  );
}

async function readFacts(engine: Engine, project: NamedProject): Promise<NodeFacts> {
  const [facts, { instances }] = await Promise.all([
    engineFacts(engine),
    observeContainers(engine, project, async () => project.name),
  ]);
  const running = instances.filter(isRunning);
  const { machine, version, api, os, architecture, clockDifference } = facts;
  return {
    machine,
    version,
    api,
    os,
    architecture,
    clockDifference,
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
