import type { FieldChange } from "../model/fields.ts";
import type { NetworkDefinition, ObservedNetwork } from "../model/networks.ts";
import type { Project } from "../model/project.ts";
import { declaredNetworkName, networkNameOf, ownNetwork } from "../model/resource-names.ts";
import { networkChanges, plainDefinition } from "./network-settings.ts";

/** A network of a definition that is not on the Engine as it is defined. */
export interface NetworkDifference {
  /** As the definition calls it. */
  readonly key: string;
  /** Its name on the Engine. */
  readonly name: string;
  /** `missing`: it is external, and not there; `foreign`: another project has its name. */
  readonly kind: "missing" | "foreign" | "changed";
  readonly changes: readonly FieldChange[];
}

/** Compares the networks of a definition with those of the Engine; one that a run would make is none of them. */
export function networkDifferences(
  project: Project,
  observed: readonly ObservedNetwork[],
): NetworkDifference[] {
  const own: NetworkDefinition = { external: false };
  const declared = { [ownNetwork]: own, ...project.conf.networks };
  return Object.entries(declared).flatMap(([key, definition]): NetworkDifference[] => {
    const isOwn = key === ownNetwork;
    const name = isOwn ? networkNameOf(project) : declaredNetworkName(project, key, definition);
    const found = observed.find((network) => network.name === name);
    if (!found) return definition.external ? [{ key, name, kind: "missing", changes: [] }] : [];
    if (definition.external) return [];
    const isOurs = found.project === project.name && found.origin === project.origin;
    if (!isOurs)
      return isOfCompose(found, project) ? [] : [{ key, name, kind: "foreign", changes: [] }];
    const recorded = found.definition ?? (isOwn ? plainDefinition : undefined);
    const changes = networkChanges(definition, { ...found, definition: recorded });
    return changes.length === 0 ? [] : [{ key, name, kind: "changed", changes }];
  });
}

/** Docker Compose has made it for the project of this name: it is used as it is. */
export function isOfCompose(
  { settings }: ObservedNetwork,
  { name }: Pick<Project, "name">,
): boolean {
  return settings.labels?.["com.docker.compose.project"] === name;
}
