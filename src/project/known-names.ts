import { readExpected } from "./expected.ts";
import type { ProjectPlace } from "./locate.ts";
import { readStaticNames, type StaticNames } from "./static-names.ts";

/**
 * The names that a project's files have, and those of the instances that the last commands were to start: the definition
 * may compute them.
 */
export function readKnownNames(place: ProjectPlace): StaticNames {
  const names = readStaticNames(place);
  return { ...names, instances: [...names.instances, ...readExpected(place).instances] };
}
