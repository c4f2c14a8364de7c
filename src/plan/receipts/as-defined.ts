import { projectOrigin } from "../../model/copy-origin.ts";
import type { InstanceDefinition, Project } from "../../model/project.ts";
import { mainDataFolder } from "../../model/resource-names.ts";

/**
 * The project as it is defined, from any copy of it: a receipt of one is a receipt of all. Instances that get a random
 * name at each run are `any-1`, `any-2` of their service.
 */
export function asDefined(project: Project): Project {
  const { conf, definedConf = conf, origin } = project;
  const instances = withNames(definedConf.instances);
  return {
    ...project,
    conf: { ...definedConf, instances },
    dataFolder: mainDataFolder(project),
    origin: projectOrigin(origin),
  };
}

function withNames(instances: readonly InstanceDefinition[]): InstanceDefinition[] {
  const counts = new Map<string, number>();
  return instances.map((definition) => {
    const { service, instance } = definition;
    if (instance !== undefined) return definition;
    const count = (counts.get(service) ?? 0) + 1;
    counts.set(service, count);
    return { ...definition, instance: `any-${count}` };
  });
}
