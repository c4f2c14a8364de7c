import type { ObservedInstance } from "../model/observed.ts";
import type { DefinedNames } from "../model/defined-names.ts";
import type { InstanceDefinition, Project } from "../model/project.ts";
import { definedHosts } from "./select/select.ts";

/** The names that the selected conf of a project defines, with those that `reuseNames` gives to what has none. */
export function definedNames(
  project: Project,
  instances: readonly ObservedInstance[],
): DefinedNames {
  const { name, conf, services } = reuseNames(project, instances);
  const own = conf.instances.map(({ service }) => service);
  return {
    project: name,
    conf: conf.name,
    hosts: [...definedHosts(conf)],
    services: [...new Set([...own, ...services.keys()])],
  };
}

/**
 * The project with the names of running instances for those of its definitions that have none: each run of a legacy
 * conf would make up others, and start everything once more.
 */
export function reuseNames(project: Project, instances: readonly ObservedInstance[]): Project {
  const { conf } = project;
  if (conf.instances.every(({ instance }) => instance !== undefined)) return project;
  const named = definedHosts(conf);
  const free = instances.filter(
    (observed) => observed.conf === conf.name && !observed.isAdHoc && !named.has(observed.host),
  );
  const take = ({ service }: InstanceDefinition): string | undefined => {
    const index = free.findIndex((observed) => observed.service === service);
    return index < 0 ? undefined : free.splice(index, 1)[0]?.instance;
  };
  const withNames = conf.instances.map((definition) =>
    definition.instance === undefined ? { ...definition, instance: take(definition) } : definition,
  );
  return { ...project, conf: { ...conf, instances: withNames } };
}
