import type { ObservedInstance } from "../model/observed.ts";
import type { DefinedNames } from "../model/defined-names.ts";
import { isRandomInstanceName } from "../model/resource-names.ts";

/** Why an orphan is removed, for people. */
export const orphanReason = "no longer defined";

/**
 * The instances whose definition is gone. One that was started from no definition of its name is no orphan while its
 * service is there; one of another conf is that conf's business.
 */
export function findOrphans(
  defined: DefinedNames,
  instances: readonly ObservedInstance[],
): ObservedInstance[] {
  const hosts = new Set(defined.hosts);
  const services = new Set(defined.services);
  return instances.filter(({ project, host, service, instance, conf, isAdHoc }) => {
    if (project !== defined.project || (conf ?? defined.conf) !== defined.conf) return false;
    // Older versions did not record which ones are ad hoc.
    const isOneMore = (isAdHoc || isRandomInstanceName(instance)) && services.has(service);
    return !hosts.has(host) && !isOneMore;
  });
}
