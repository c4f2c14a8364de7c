import { isPattern } from "./select/match.ts";
import { hostNameOf } from "../model/host-names.ts";
import type { ObservedInstance } from "../model/observed.ts";
import type { ObservedVolume } from "../model/observed-volume.ts";
import { keptFolders } from "./describe/mounts.ts";
import type { InstanceQuery } from "./select/choose.ts";

/** Whose data is looked for: that of all removed instances, or of the one with this host name. */
export type LeftoverScope = "all" | { readonly host: string };

/**
 * The removed instances that a query is about. One can only be named in full: `web` and `*` do not tell whether
 * `web-app-one` was an instance of web or of web-app.
 *
 * @returns undefined where the query is about existing instances only
 */
export function leftoverScope({
  service,
  instance,
  group,
}: InstanceQuery): LeftoverScope | undefined {
  if (group !== undefined) return undefined;
  if (instance === undefined) return service === "all" ? "all" : undefined;
  const isPlain = service !== "all" && !isPattern(`${service}${instance}`);
  return isPlain ? { host: hostNameOf(service, instance) } : undefined;
}

/** The volumes in the scope that nothing uses, apart from instances that are being removed. */
export function leftoverVolumes(
  volumes: readonly ObservedVolume[],
  leaving: readonly ObservedInstance[],
  scope: LeftoverScope,
): string[] {
  const gone = new Set(leaving.flatMap(({ id, predecessor }) => [id, predecessor]));
  return volumes
    .filter(({ users }) => users.every(({ id }) => gone.has(id)))
    .filter(({ shortName }) => scope === "all" || belongsToHost(shortName, scope.host))
    .map(({ name }) => name);
}

/** Volumes that belong to one instance by their name. */
export function belongsToHost(shortName: string, host: string): boolean {
  const kinds = [...keptFolders.map(({ name }) => name), "tmp"];
  return shortName.startsWith(`${host}.`) || kinds.some((kind) => shortName === `${host}-${kind}`);
}

/** The hosts in the scope whose instance is gone, of those with folders in the data folder. */
export function leftoverHosts(
  hosts: readonly string[],
  instances: readonly ObservedInstance[],
  scope: LeftoverScope,
): string[] {
  const existing = new Set(instances.map(({ host }) => host));
  return hosts.filter((host) => !existing.has(host) && (scope === "all" || scope.host === host));
}
