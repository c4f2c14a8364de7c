import type { ObservedInstance, Observed } from "../model/observed.ts";
import type { InstanceDefinition, Project } from "../model/project.ts";
import { isRandomInstanceName } from "../model/resource-names.ts";
import { definedHosts } from "./select/select.ts";

/**
 * The instances whose definition is gone. One that was started from no definition of its name is no orphan while its
 * service is there; one of another conf is that conf's business.
 */
export function findOrphans(
  project: Project,
  instances: readonly ObservedInstance[],
): ObservedInstance[] {
  const defined = definedHosts(project.conf);
  const services = new Set([
    ...project.conf.instances.map(({ service }) => service),
    ...project.services.keys(),
  ]);
  return instances.filter(({ host, service, instance, conf, isAdHoc }) => {
    if (defined.has(host) || (conf ?? project.conf.name) !== project.conf.name) return false;
    // Older versions did not record which ones are ad hoc.
    return !((isAdHoc || isRandomInstanceName(instance)) && services.has(service));
  });
}

/**
 * The project with the names of running instances for those of its definitions that have none: each run of a legacy
 * conf would make up others, and start everything once more.
 */
export function reuseNames(project: Project, { instances }: Observed): Project {
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
