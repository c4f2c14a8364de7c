import { inside, ReynsError } from "../errors.ts";
import { isRunning, type Observed, type ObservedInstance } from "../model/observed.ts";
import type { DefinedNames } from "../model/defined-names.ts";
import { isRandomInstanceName } from "../model/resource-names.ts";
import type { DescribedStart } from "./describe/described-start.ts";

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

/**
 * Refuses to start an instance on a volume that an orphan still writes to: after a renaming, both would be there, and two
 * databases with the same files destroy them.
 */
export function orphanVolumeErrors(
  starting: readonly DescribedStart[],
  orphans: readonly ObservedInstance[],
  { instances }: Pick<Observed, "instances">,
): ReynsError[] {
  const others = instances.filter((instance) => !orphans.includes(instance));
  return starting.flatMap(({ placed: { selected, existing }, step }) => {
    const had = new Set((existing?.mounts ?? []).map(({ volume }) => volume));
    return step.spec.mounts.flatMap(({ type, source, readOnly }) => {
      const isWriter = (one: ObservedInstance): boolean =>
        one.node === step.node && writesTo(one, source);
      const writer = orphans.find(isWriter);
      // Several that are defined share it on purpose.
      const isShared = others.some(isWriter);
      if (type !== "volume" || readOnly || had.has(source) || isShared || !writer) return [];
      const message = `${step.host}: ${writer.host} still runs and writes to the volume ${source}, though it is no longer defined`;
      const hint = `remove ${writer.host} first (the volume stays): reyns clean ${writer.service} ${writer.instance}; or remove it and run in one call: reyns run all prune=true`;
      return [
        new ReynsError("VOLUME_IN_USE", message, {
          hint,
          at: inside(selected.definition.at, "volumes"),
        }),
      ];
    });
  });
}

function writesTo(instance: ObservedInstance, name: string): boolean {
  const isWritten = ({ volume, readOnly }: ObservedInstance["mounts"][number]): boolean =>
    volume === name && !readOnly;
  return isRunning(instance) && instance.mounts.some(isWritten);
}
