import type { ObservedInstance } from "../model/observed.ts";
import type { Project } from "../model/project.ts";
import { volumeNameOf } from "../model/resource-names.ts";
import { definedNames } from "./defined-names.ts";
import { volumeMount } from "./describe/mounts.ts";
import { belongsToHost } from "./leftover-data.ts";
import { findOrphans } from "./orphans.ts";

/** Whose data, and which volumes, are those of the current definition. */
export interface DeclaredData {
  hasHost: (host: string) => boolean;
  /** By its name on the Engine. */
  hasVolume: (name: string) => boolean;
}

/** The data that the definition declares: that of its instances, and of those beside them that are no orphans. */
export function declaredData(
  project: Project,
  instances: readonly ObservedInstance[],
): DeclaredData {
  const defined = definedNames(project, instances);
  const ofConf = instances.filter(
    ({ project: name, conf = defined.conf }) => name === project.name && conf === defined.conf,
  );
  const orphans = findOrphans(defined, ofConf);
  const current = ofConf.filter((instance) => !orphans.includes(instance));
  const hosts = new Set([...defined.hosts, ...current.map(({ host }) => host)]);
  const volumes = declaredVolumes(project);
  const prefix = volumeNameOf(project, "");
  const isOfHost = (name: string): boolean =>
    name.startsWith(prefix) &&
    [...hosts].some((host) => belongsToHost(name.slice(prefix.length), host));
  return {
    hasHost: (host) => hosts.has(host),
    hasVolume: (name) => volumes.has(name) || isOfHost(name),
  };
}

/** By name, of volumes that are the project's own. */
function declaredVolumes(project: Project): Set<string> {
  const { instances, volumes = {} } = project.conf;
  const named = Object.entries(volumes).flatMap(([key, { external, name }]) =>
    external ? [] : [name ?? volumeNameOf(project, key)],
  );
  const mounted = instances
    .flatMap((definition) => definition.volumes)
    .map((volume) => volumeMount(volume, project, ""))
    .filter(({ type, declared }) => type === "volume" && !declared?.external)
    .map(({ source }) => source);
  return new Set([...named, ...mounted]);
}
