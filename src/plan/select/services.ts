import { ReynsError } from "../../errors.ts";
import {
  defineInstance,
  type InstanceDefinition,
  type Project,
  type ServiceFolder,
} from "../../model/project.ts";
import { movedDefault } from "../../model/resource-names.ts";
import { acceptedHint } from "../../lib/suggest.ts";
import { serviceOfImage } from "../resolve/images.ts";
import { withSharedBuilds } from "../build-sharing.ts";
import { matches, otherServiceHint, patternsOf } from "./match.ts";

/**
 * The service folders that `build` or `push` is asked for, and those that share their image; "all" skips those with a `no_autobuild` file.
 *
 * @throws ReynsError UNKNOWN_SERVICE
 */
export function chooseServices(
  project: Project,
  wanted: string,
  verb: "build" | "push" = "build",
): ServiceFolder[] {
  const own = [...project.services.values()].filter(({ folder }) => folder !== undefined);
  if (wanted === "all") return own.filter(({ noAutobuild }) => !noAutobuild);
  const chosen = [...project.services.values()].filter(({ name }) => matches(wanted, name));
  const unknown = patternsOf(wanted).find(
    (part) => !chosen.some(({ name }) => matches(part, name)),
  );
  if (unknown === undefined) return withSharedBuilds(own, chosen);
  const image = project.conf.instances.find(({ service }) => service === unknown)?.image;
  const builder = image === undefined ? undefined : serviceOfImage(project, image);
  if (builder?.folder !== undefined) return withSharedBuilds(own, [...chosen, builder]);
  if (image !== undefined)
    throw new ReynsError("INVALID_VALUE", `${unknown} uses a ready image: nothing to ${verb}`, {
      hint: verb === "build" ? `reyns run pulls ${image} when it is missing` : undefined,
    });
  throw unknownService(project, unknown);
}

export function unknownService(project: Project, service: string): ReynsError {
  const names = new Set([...ownServices(project), "all"]);
  return new ReynsError("UNKNOWN_SERVICE", `no service "${service}" in project "${project.name}"`, {
    hint: acceptedHint(service, names),
  });
}

/** The services of a project without those that come with Reyns, unless it runs them. */
function ownServices({ conf, services }: Project): string[] {
  const folders = [...services.values()].filter(({ folder }) => folder !== undefined);
  return [...conf.instances.map(({ service }) => service), ...folders.map(({ name }) => name)];
}

/** An instance of a service that no definition names: in the network that all instances without `networks` are in. */
export function undefinedInstance(
  { conf, folder }: Project,
  given: Pick<InstanceDefinition, "service"> & Partial<InstanceDefinition>,
): InstanceDefinition {
  const isMoved = conf.networks?.[movedDefault] !== undefined;
  const networks = isMoved ? [{ network: movedDefault, aliases: [] }] : undefined;
  return defineInstance({ ...given, networks, at: { file: folder } });
}

/** Of an instance that is not among those of its service, which are defined. */
export function undefinedError(
  project: Project,
  ofService: readonly InstanceDefinition[],
  instance: string,
): ReynsError {
  const [first] = ofService;
  const names = ofService.flatMap((definition) => definition.instance ?? []);
  const service = first?.service ?? "";
  const more = `for one more from the same definition: reyns run ${service} ${instance} new=true`;
  return new ReynsError("UNKNOWN_INSTANCE", `no instance "${instance}" of ${service} is defined`, {
    hint:
      otherServiceHint(instance, names, ownServices(project)) ??
      `${acceptedHint(instance, names)}; ${more}`,
  });
}
