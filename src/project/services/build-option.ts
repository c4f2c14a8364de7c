import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { inside, ReynsError } from "../../errors.ts";
import type { ProjectPlace } from "../locate.ts";
import { readServiceFolder } from "./folder.ts";
import type { FoundServices } from "./read.ts";
import type { Conf, InstanceDefinition, ServiceFolder } from "../../model/project.ts";

/** The services with those that the definition builds from a folder of its own choice. */
export function withBuilds(
  conf: Conf,
  found: FoundServices,
  place: ProjectPlace,
  project: string,
): FoundServices {
  const services = new Map(found.services);
  const errors = [...found.errors];
  for (const definition of conf.instances.filter(({ build }) => build !== undefined)) {
    const { service } = definition;
    const before = services.get(service)?.build;
    if (before && Bun.deepEquals(before, definition.build, true)) continue;
    const mistake = before ? builtTwice(definition) : buildMistake(definition, place.folder);
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

function builtTwice({ service, at }: InstanceDefinition): ReynsError {
  return new ReynsError("INVALID_PROJECT", `${service} is built in two ways`, {
    hint: "all instances of a service have the same image: give the other way another service name",
    at: inside(at, "build"),
  });
}

function buildMistake(
  { service, image, build, at }: InstanceDefinition,
  folder: string,
): ReynsError | undefined {
  const mistake = (message: string, hint: string, ...path: string[]): ReynsError =>
    new ReynsError("INVALID_PROJECT", message, { hint, at: inside(at, "build", ...path) });
  if (!build) return undefined;
  if (image !== undefined)
    return mistake(`${service} has an image and a build`, "keep one of them");
  const { context, dockerfile } = build;
  if (dockerfile.startsWith("/") || dockerfile.split("/").includes(".."))
    return mistake(
      `dockerfile "${dockerfile}" is not inside the context`,
      "give it relative to the context, or choose a context that holds it",
      "dockerfile",
    );
  if (!existsSync(resolve(folder, context)))
    return mistake(
      `there is no folder ${context} to build ${service} from`,
      "it is relative to the project's folder",
      "context",
    );
  if (existsSync(resolve(folder, context, dockerfile))) return undefined;
  return mistake(
    `there is no ${dockerfile} in ${context}`,
    'give its name: build: { context: "…", dockerfile: "…" }',
    "dockerfile",
  );
}
