import { relative, resolve } from "node:path";
import { inside, ReynsError } from "../../errors.ts";
import { isGitContext, type BuildDefinition } from "../../model/build.ts";
import type { ProjectPlace } from "../locate.ts";
import { checkBuild, checkBuildFiles } from "./check-build.ts";
import { checkTags } from "./check-tags.ts";
import { readContexts, type NamedContext } from "./named-contexts.ts";
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
  for (const given of conf.instances.filter(({ build }) => build !== undefined)) {
    const definition = withShortestPath(given, place.folder);
    const { service } = definition;
    const previous = services.get(service)?.build;
    if (previous && Bun.deepEquals(previous, definition.build, true)) continue;
    errors.push(...checkBuild(definition));
    const mistake = previous
      ? conflictingBuilds(definition)
      : checkBuildFiles(definition, place.folder);
    if (mistake) errors.push(mistake);
    else {
      const scope = { project, folder: place.folder, conf, services };
      const contexts = readContexts(definition, scope, errors);
      services.set(service, builtService(definition, { place, project, contexts }, errors));
    }
  }
  return { services, errors: [...errors, ...checkTags(conf, services)] };
}

/** With the Dockerfile's path relative to the context, in its shortest form. */
function withShortestPath(definition: InstanceDefinition, folder: string): InstanceDefinition {
  const { build } = definition;
  if (!build) return definition;
  const context = resolve(folder, build.context);
  const dockerfile = relative(context, resolve(context, build.dockerfile));
  return { ...definition, build: { ...build, dockerfile } };
}

interface BuildSurroundings {
  readonly place: ProjectPlace;
  readonly project: string;
  readonly contexts: readonly NamedContext[];
}

function builtService(
  { service, build, at }: InstanceDefinition,
  { place: { folder, dockerOps }, project, contexts }: BuildSurroundings,
  errors: ReynsError[],
): ServiceFolder {
  if (build && isGitContext(build.context)) return gitService(service, build, project);
  const context = resolve(folder, build?.context ?? "");
  const inlineAt =
    build?.dockerfileInline === undefined ? undefined : inside(at, "build", "dockerfileInline");
  const read = { project, dockerOps, build, inlineAt, contexts };
  return readServiceFolder(service, context, read, errors);
}

/** What its Dockerfile says is known to the Engine alone. */
function gitService(name: string, build: BuildDefinition, project: string): ServiceFolder {
  return {
    name,
    folder: build.context,
    build,
    image: `${project}/${name}`,
    parents: [],
    ports: [],
    privileged: false,
    buildArguments: [],
    repeatable: false,
    requiredVariables: {},
    prestartup: undefined,
    noAutobuild: false,
  };
}

function conflictingBuilds({ service, at }: InstanceDefinition): ReynsError {
  return new ReynsError("INVALID_PROJECT", `${service} has two different builds`, {
    hint: "all instances of a service share one image: use another service name for the other build",
    at: inside(at, "build"),
  });
}
