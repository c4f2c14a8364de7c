import { compareStrings } from "../lib/compare-strings.ts";
import { isOwnTag } from "../model/build.ts";
import type { Project, ServiceFolder } from "../model/project.ts";
import { serviceOfImage } from "./resolve/images.ts";

/** The same for services whose images are built alike: from one folder, by one Dockerfile, with the same settings. */
export function buildKeyOf({ folder, build }: ServiceFolder): string {
  const { dockerfile = "Dockerfile", target, args = {}, context: _, ...others } = build ?? {};
  return JSON.stringify([folder, dockerfile, target ?? null, sorted(args), sorted(others)]);
}

function sorted(values: object): [string, unknown][] {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return given.toSorted(([a], [b]) => compareStrings(a, b));
}

/** The chosen services, and those that are built like one of them: they share its image. */
export function withSharedBuilds(
  services: Iterable<ServiceFolder>,
  chosen: readonly ServiceFolder[],
): ServiceFolder[] {
  const keys = new Set(
    chosen.filter(({ folder }) => folder !== undefined).map((service) => buildKeyOf(service)),
  );
  const sharing = [...services].filter(
    (service) => !chosen.includes(service) && keys.has(buildKeyOf(service)),
  );
  return [...chosen, ...sharing];
}

/** Whether a build starts from an image whose name its result takes over. That image has it until the build ends. */
export function takesOverName(project: Project, service: ServiceFolder, parent: string): boolean {
  return serviceOfImage(project, parent) === service && isOwnTag(service.build, parent);
}
