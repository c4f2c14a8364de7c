import { projectOrigin } from "../../model/copy-origin.ts";
import type { Project } from "../../model/project.ts";
import { mainDataFolder } from "../../model/resource-names.ts";

/** The project as it is defined, from any copy of it: a receipt of one is a receipt of all. */
export function asDefined(project: Project): Project {
  const { conf, definedConf = conf, origin } = project;
  const dataFolder = mainDataFolder(project);
  return { ...project, conf: definedConf, dataFolder, origin: projectOrigin(origin) };
}
