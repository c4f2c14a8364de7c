import { ReynsError } from "../../errors.ts";
import type { Project, ServiceFolder } from "../../model/project.ts";
import { acceptedHint } from "../../lib/suggest.ts";
import { matches } from "./match.ts";

/**
 * The service folders that `build` is asked for; "all" skips those with a `no_autobuild` file.
 *
 * @throws ReynsError UNKNOWN_SERVICE
 */
export function chooseServices(project: Project, wanted: string): ServiceFolder[] {
  const own = [...project.services.values()].filter(({ folder }) => folder !== undefined);
  if (wanted === "all") return own.filter(({ noAutobuild }) => !noAutobuild);
  const chosen = [...project.services.values()].filter(({ name }) => matches(wanted, name));
  const image = project.conf.instances.find(({ service }) => service === wanted)?.image;
  if (chosen.length === 0 && image !== undefined)
    throw new ReynsError("INVALID_VALUE", `${wanted} uses a ready image: nothing to build`, {
      hint: `reyns run pulls ${image} when it is missing`,
    });
  if (chosen.length === 0) throw unknownService(project, wanted);
  return chosen;
}

export function unknownService(project: Project, service: string): ReynsError {
  const services = [...project.services.values()];
  const names = new Set([
    ...project.conf.instances.map((definition) => definition.service),
    ...services.filter(({ folder }) => folder !== undefined).map(({ name }) => name),
    ...project.services.keys(),
    "all",
  ]);
  return new ReynsError("UNKNOWN_SERVICE", `no service "${service}" in project "${project.name}"`, {
    hint: acceptedHint(service, names),
  });
}
