import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { inside, ReynsError } from "../../errors.ts";
import type { ProjectPlace } from "../locate.ts";
import { readServiceFolder, type FoundServices } from "./folder.ts";
import type { Conf, InstanceDefinition, ServiceFolder } from "../../model/project.ts";

/** Adds the services that the option `build` builds from other folders than `services/NAME`. */
export function addBuildServices(
  conf: Conf,
  found: FoundServices,
  place: ProjectPlace,
  project: string,
): FoundServices {
  const services = new Map(found.services);
  const errors = [...found.errors];
  for (const definition of conf.instances.filter(({ build }) => build !== undefined)) {
    const { service } = definition;
    const previous = services.get(service)?.build;
    if (previous && Bun.deepEquals(previous, definition.build, true)) continue;
    const mistake = previous ? conflictingBuilds(definition) : checkBuild(definition, place.folder);
    if (mistake) errors.push(mistake);
    else services.set(service, builtService(definition, place, project, errors));
  }
  return { services, errors };
}

function builtService(
  { service, build }: InstanceDefinition,
  { folder, dockerOps }: ProjectPlace,
  project: string,
  errors: ReynsError[],
): ServiceFolder {
  const context = resolve(folder, build?.context ?? "");
  return readServiceFolder(service, context, { project, dockerOps, build }, errors);
}

function conflictingBuilds({ service, at }: InstanceDefinition): ReynsError {
  return new ReynsError("INVALID_PROJECT", `${service} has two different builds`, {
    hint: "all instances of a service share one image: use another service name for the other build",
    at: inside(at, "build"),
  });
}

function checkBuild(
  { service, image, imageOf, build, at }: InstanceDefinition,
  folder: string,
): ReynsError | undefined {
  if (!build) return undefined;
  const { context, dockerfile } = build;
  const mistake = (message: string, hint: string, ...path: string[]): ReynsError =>
    new ReynsError("INVALID_PROJECT", message, { hint, at: inside(at, "build", ...path) });
  if (image !== undefined || imageOf !== undefined)
    return mistake(`${service} has both image and build`, "keep one of them");
  if (dockerfile.startsWith("/") || dockerfile.split("/").includes("..")) {
    const hint = "give it relative to the context, or choose a context that contains it";
    return mistake(`dockerfile "${dockerfile}" is outside of the context`, hint, "dockerfile");
  }
  if (!existsSync(resolve(folder, context))) {
    const hint = "give it relative to the project's folder";
    return mistake(`the build context ${context} of ${service} does not exist`, hint, "context");
  }
  if (existsSync(resolve(folder, context, dockerfile))) return undefined;
  const hint = 'set its name: build: { context: "…", dockerfile: "…" }';
  return mistake(`${context} has no ${dockerfile}`, hint, "dockerfile");
}
