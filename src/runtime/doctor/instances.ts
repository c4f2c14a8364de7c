import { listProblems } from "../../model/problems.ts";
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
): Promise<Finding[]> {
  const { instances, keeper } = await withTimeout(
    engine,
    observeContainers(engine, place, findName),
  );
  // A keeper that is there, and stopped or paused, is a leftover with a fix of its own.
  const isLeftover = keeper !== undefined && keeper.state !== "running";
  const seen = isLeftover ? { ...keeper, state: "running" } : keeper;
  return listProblems({ instances, keeper: seen }).map(({ text, remedy }) =>
    warning("instances", text, { remedy }),
  );
}
