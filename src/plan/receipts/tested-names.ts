import { hostNameOf } from "../../model/host-names.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { Project } from "../../model/project.ts";
import { reuseNames } from "../defined-names.ts";
import { asDefined } from "./as-defined.ts";

/** Host name of a running instance that has a random name -> what a receipt calls it, `SERVICE-any-1`. */
export function testedNames(
  project: Project,
  instances: readonly ObservedInstance[],
): ReadonlyMap<string, string> {
  const tested = asDefined(project).conf.instances;
  const running = reuseNames(project, instances).conf.instances;
  return new Map(
    running.flatMap(({ service, instance }, index): [string, string][] => {
      const isUnnamed = project.conf.instances[index]?.instance === undefined;
      if (!isUnnamed || instance === undefined) return [];
      const name = tested[index]?.instance ?? "";
      return [[hostNameOf(service, instance), hostNameOf(service, name)]];
    }),
  );
}
