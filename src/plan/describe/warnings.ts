import type { InstanceDefinition, Project } from "../../model/project.ts";
import type { SelectedInstance } from "../select/selection.ts";

/** What may not be meant as it is defined. */
export function instanceWarnings(selected: SelectedInstance, project: Project): string[] {
  const { host, definition } = selected;
  return [
    ...(definition.warnings ?? []).map((warning) => `${host}: ${warning}`),
    ...undefinedWarnings(selected, project),
    ...sharedVolumeWarnings(selected),
  ];
}

/** In a legacy conf, an instance that it does not name has nothing but its service's folder. */
function undefinedWarnings(
  { service, instance, host, definition }: SelectedInstance,
  { conf }: Project,
): string[] {
  const isOfService = (other: InstanceDefinition): boolean => other.service === service;
  if (conf.instances.some((other) => other.at === definition.at && isOfService(other))) return [];
  const names = conf.instances.filter(isOfService).flatMap((other) => other.instance ?? []);
  if (names.length === 0 || names.includes(instance)) return [];
  return [
    `${host} is not in the conf "${conf.name}": it runs without links and variables of its own (defined: ${names.join(", ")})`,
  ];
}

/** One more instance of a definition uses the same volumes as the first. */
function sharedVolumeWarnings({ host, isAdHoc, session, definition }: SelectedInstance): string[] {
  const volumes = isAdHoc && session === undefined ? definition.volumes : [];
  if (volumes.length === 0) return [];
  const names = volumes.map((volume) =>
    typeof volume === "string" ? volume : `${volume.source}:${volume.target}`,
  );
  return [`${host} shares ${names.join(", ")} with the other instances of its service`];
}
