import type { Project } from "../../model/project.ts";
import { locateProject } from "./context.ts";

/** The project as its other confs define it, as far as they can be read. */
export async function loadOtherConfs(conf: string): Promise<Project[]> {
  const { confNames, inspectProject } = await import("../../project/read.ts");
  const place = await locateProject();
  const others = (await confNames(place)).filter((name) => name !== conf);
  const projects: Project[] = [];
  // One after another: each runs the definition.
  for (const name of others)
    projects.push((await inspectProject(place, process.env, name)).project);
  return projects;
}
