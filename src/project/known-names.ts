import { readExpected } from "./expected.ts";
import type { ProjectPlace } from "./locate.ts";
import { readStaticNames, type StaticNames } from "./static-names.ts";

export interface KnownNames extends StaticNames {
  /** Host names of the instances that the last run found defined. */
  readonly hosts: readonly string[];
  /** A Compose file defines the project, so that its users know Compose's words. */
  readonly isCompose: boolean;
}

/**
 * The names that a project's files have, and those of the instances that the last commands were to start: the definition
 * may compute them.
 */
export function readKnownNames(place: ProjectPlace): KnownNames {
  const names = readStaticNames(place);
  const { instances, defined } = readExpected(place);
  return {
    ...names,
    instances: [...names.instances, ...instances],
    hosts: defined?.hosts ?? [],
    isCompose: place.compose !== undefined,
  };
}

/** Whether an instance is defined, as far as that is known. */
export function isKnownInstance(
  { instances, hosts }: Pick<KnownNames, "instances" | "hosts">,
  service: string,
  instance: string,
): boolean {
  const isSame = (one: StaticNames["instances"][number]): boolean =>
    one.service === service && one.instance === instance;
  return instances.some(isSame) || hosts.includes(`${service}-${instance}`);
}
