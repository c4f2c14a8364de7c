import { listProblems } from "../../model/problems.ts";
import { findLostAddresses } from "../../model/lost-addresses.ts";
import type { HostAddress } from "../../model/networks.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import type { Project } from "../../model/project.ts";
import type { Engine } from "../connect.ts";
import { observeContainers } from "../observe/containers.ts";
import { warning, type Finding } from "./finding.ts";
import { withTimeout } from "./timeout.ts";

/**
 * Finds what was done to a project's containers from outside: paused, disconnected, renamed, a keeper that is gone.
 *
 * @param findName the project's name; undefined for all projects that began here
 */
export async function checkInstances(
  engine: Engine,
  place: Pick<Project, "folder" | "origin">,
  findName: () => Promise<string | undefined>,
  ownAddresses: readonly HostAddress[],
): Promise<Finding[]> {
  const { instances, keeper } = await withTimeout(
    engine,
    observeContainers(engine, place, findName),
  );
  // A keeper that is there, and stopped or paused, is a leftover with a fix of its own.
  const isLeftover = keeper !== undefined && keeper.state !== "running";
  const seen = isLeftover ? { ...keeper, state: "running" } : keeper;
  const problems = listProblems({ instances, keeper: seen }).map(({ text, remedy }) =>
    warning("instances", text, { remedy }),
  );
  const hostAddresses = engine.local ? ownAddresses : await engine.hostAddresses?.();
  return hostAddresses ? [...problems, ...lostAddresses(instances, hostAddresses)] : problems;
}

function lostAddresses(
  instances: readonly ObservedInstance[],
  hostAddresses: readonly HostAddress[],
): Finding[] {
  return findLostAddresses(instances, hostAddresses).map(({ address, instances: found }) => {
    const hosts = summarizeList(
      found.map(({ host }) => host),
      4,
    );
    const message = `the names of ${hosts} lead to ${address}, which their machine does not have`;
    const [first] = found;
    const change = first?.node === undefined ? "SERVICE_IP=ADDRESS" : "correct it in node(), then:";
    const remedy = `if that has another address now: ${change} reyns rerun ${first?.service}`;
    return warning("network", message, { remedy });
  });
}
