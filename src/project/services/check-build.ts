import { existsSync, realpathSync, statSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { inside, invalidProject, type ReynsError } from "../../errors.ts";
import { isGitContext, isImageName, type BuildDefinition } from "../../model/build.ts";
import type { InstanceDefinition } from "../../model/project.ts";
import { hostConfFile, privateFolder } from "../../model/resource-names.ts";

/** The mistakes in the option `build` of an instance, apart from missing files. */
export function checkBuild(definition: InstanceDefinition): ReynsError[] {
  const mistake = checkImage(definition);
  return [...(mistake ? [mistake] : []), ...checkLabels(definition)];
}

function checkImage({ service, imageOf, build, at }: InstanceDefinition): ReynsError | undefined {
  if (imageOf !== undefined) {
    const message = `${service} has both a build and the image of ${imageOf}`;
    return invalidProject(message, "keep one of them", inside(at, "build"));
  }
  const { image } = build ?? {};
  if (image === undefined || isImageName(image)) return undefined;
  const message = `${service} cannot be built as "${image}"`;
  const hint =
    'beside build, image is the name of what is built: "NAME" or "registry.example/NAME:TAG"';
  return invalidProject(message, hint, inside(at, "image"));
}

/** Why the files of a build cannot be read. */
export function checkBuildFiles(
  { service, build, at }: InstanceDefinition,
  folder: string,
): ReynsError | undefined {
  if (!build) return undefined;
  const { context, dockerfile, dockerfileInline } = build;
  const place = (key: string): ReynsError["at"] => inside(at, "build", key);
  if (isGitContext(context) || context.includes("://")) return checkGit(build, place);
  if (!existsSync(resolve(folder, context))) {
    const message = `the build context ${context} of ${service} does not exist`;
    return invalidProject(message, "give it relative to the project's folder", place("context"));
  }
  if (dockerfileInline !== undefined) return undefined;
  const file = resolve(folder, context, dockerfile);
  if (existsSync(file) && statSync(file).isFile()) {
    if (!isPrivateFile(file, folder)) return undefined;
    return invalidProject(
      `no image may contain ${dockerfile}`,
      "move the Dockerfile",
      place("dockerfile"),
    );
  }
  const hint = 'set its name: build: { context: "…", dockerfile: "…" }';
  return invalidProject(`${context} has no ${dockerfile}`, hint, place("dockerfile"));
}

/** Whether a path leads to what Reyns keeps for the project. */
function isPrivateFile(path: string, folder: string): boolean {
  const real = realpathSync(path);
  return [privateFolder, hostConfFile]
    .map((name) => join(folder, name))
    .some((kept) => real === kept || real.startsWith(kept + sep));
}

function checkGit(
  { context, dockerfileInline, additionalContexts }: BuildDefinition,
  place: (key: string) => ReynsError["at"],
): ReynsError | undefined {
  const hint =
    "give a folder, or a git repository: https://HOST/PATH.git#REF:FOLDER, git://…, git@HOST:PATH";
  if (!isGitContext(context))
    return invalidProject(`${context} is no build context`, hint, place("context"));
  if (/^https?:\/\/[^/]*@/.test(context)) {
    const message = "the URL of the build context contains credentials";
    const remedy =
      "the image's history would show it: use git@HOST:PATH with ssh, or clone it first";
    return invalidProject(message, remedy, place("context"));
  }
  const field = Object.entries({ dockerfileInline, additionalContexts }).find(
    ([, value]) => value !== undefined,
  )?.[0];
  if (field === undefined) return undefined;
  const inlineHint = "the Engine fetches it as it is: name a Dockerfile in it with dockerfile";
  return invalidProject(`${field} does not go with a git repository`, inlineHint, place(field));
}

/** Reyns recognizes its images by its own labels. */
function checkLabels({ build, at }: InstanceDefinition): ReynsError[] {
  const reserved = Object.keys(build?.labels ?? {}).filter((name) => name.startsWith("io.reyns."));
  const hint = "choose another name; names that begin with io.reyns. are reserved";
  return reserved.map((name) =>
    invalidProject(`reserved label "${name}"`, hint, inside(at, "build", "labels", name)),
  );
}
