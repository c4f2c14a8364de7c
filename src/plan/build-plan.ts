import { builderSettingsOf, isGitContext, tagsOf, type BuildSources } from "../model/build.ts";
import { resolve } from "node:path";
import type { Project, ServiceFolder } from "../model/project.ts";
import { ReynsError } from "../errors.ts";
import { currentImageName, rootImage, serviceOfImage, tagged } from "./resolve/images.ts";
import { pullStepOf, refusePull } from "./pull-plan.ts";
import { buildKeyOf, takesOverName } from "./build-sharing.ts";
import { labels } from "../model/labels.ts";
import { projectOrigin } from "../model/copy-origin.ts";
import { privatePathsOf } from "../model/resource-names.ts";
import type { Observed } from "../model/observed.ts";
import type { BuildImage } from "../model/build-image.ts";
import type { RootImage, Step } from "../model/steps.ts";

export interface BuildSettings {
  readonly cache: boolean;
  /** True: base images are pulled first, whatever the definition says. */
  readonly pull?: boolean;
  /** Arguments that win over the definition's; none for bundled images. */
  readonly arguments?: Readonly<Record<string, string>>;
  /** Digest of the bundled images' files: another one means that they have to be built again. */
  readonly assets: string;
  /** True: bundled images are built even when they are up to date. */
  readonly rebuildBundled: boolean;
  /** True: those of another version of Reyns are used as they are. */
  readonly keepBundled?: boolean;
  /** Tar of a root file system to build the bundled images on. */
  readonly rootfs: string | undefined;
  /** `BUILDING_UID`, `BUILDING_GID`, `BUILDING_USER`, `BUILDING_GROUP`: given to Dockerfiles that declare them. */
  readonly builder: Readonly<Record<string, string>>;
}

/**
 * The builds that make `images`: the project's services that their `FROM` lines need, parents first, and
 * bundled images that are missing or older than this executable.
 *
 * @param images names to build; a bundled one that is up to date is left
 * @throws ReynsError INVALID_PROJECT when services build on each other in a circle
 */
export function planBuilds(
  project: Project,
  images: readonly string[],
  observed: Observed,
  settings: BuildSettings,
): Step[] {
  const plan: BuildPlanner = { project, observed, settings, steps: new Map(), path: [] };
  for (const image of images) requireImage(plan, image);
  return [...plan.steps.values()];
}

interface BuildPlanner {
  readonly project: Project;
  readonly observed: Observed;
  readonly settings: BuildSettings;
  readonly steps: Map<string, Step>;
  /** Images being looked at, outermost first. */
  readonly path: string[];
}

/** Plans what makes an image; returns the id of the step that it is complete after, if any. */
function requireImage(plan: BuildPlanner, name: string): string[] {
  const image = currentImageName(name);
  const service = serviceOfImage(plan.project, image);
  if (!service) return image === rootImage ? requireRoot(plan) : requirePull(plan, image);
  const ids =
    service.folder === undefined ? requireCarried(plan, service) : requireBuild(plan, service);
  return image === name.replace(/:latest$/, "") ? ids : requireTag(plan, service.image, name, ids);
}

function requireBuild(plan: BuildPlanner, service: ServiceFolder): string[] {
  const id = `build ${service.image}`;
  if (plan.steps.has(id)) return [id];
  if (plan.path.includes(id)) {
    const steps = [...plan.path.slice(plan.path.indexOf(id)), id];
    const circle = steps.map((step) => step.replace(/^build /, "")).join(" -> ");
    throw new ReynsError("INVALID_PROJECT", `services build on each other in a circle: ${circle}`, {
      hint: "change one of their FROM lines",
    });
  }
  plan.path.push(id);
  const after = service.parents.flatMap((parent) => requireParent(plan, service, parent));
  after.push(...requireFolders(plan, service));
  plan.path.pop();
  const reason = plan.observed.images.has(tagged(service.image)) ? "build" : "not built yet";
  const same = sharedBuild(plan, service);
  plan.steps.set(id, same ?? buildStep(plan, service, { after, reason }));
  return [id];
}

/** Folders that a build has as additional contexts become images, which its stages name. */
function requireFolders(plan: BuildPlanner, service: ServiceFolder): string[] {
  const { build: _, dockerfileText: __, addedStages, ...plain } = service;
  const reason = `files for ${service.image}`;
  return (addedStages?.folders ?? []).map((made) => {
    const given = { ...plain, ...made, parents: [], buildArguments: [], repeatable: true };
    const step = { ...buildStep(plan, given, { after: [], reason }), arguments: {}, isFiles: true };
    plan.steps.set(step.id, step);
    return step.id;
  });
}

/** A base image that a build wants to be the registry's current one is pulled, unless it is built here. */
function requireParent(plan: BuildPlanner, service: ServiceFolder, parent: string): string[] {
  if (service.addedStages?.folders.some(({ image }) => image === parent)) return [];
  const isReplaced = takesOverName(plan.project, service, parent);
  const isPulled = service.build?.pull === true || plan.settings.pull === true;
  if (isPulled && (isReplaced || !serviceOfImage(plan.project, parent)))
    return pullOf(plan, parent, "pull: true");
  return isReplaced ? [] : requireImage(plan, parent);
}

/** Services that are built alike get one image: it is built for the first of them, and the others name it. */
function sharedBuild({ project, steps }: BuildPlanner, service: ServiceFolder): Step | undefined {
  const key = buildKeyOf(service);
  const first = [...project.services.values()].find(
    (other) =>
      buildKeyOf(other) === key && steps.get(`build ${other.image}`)?.kind === "build-image",
  );
  if (!first) return undefined;
  const { image } = first;
  return {
    kind: "tag-image",
    id: `build ${service.image}`,
    after: [`build ${image}`],
    title: service.image,
    reason: `built like ${image}`,
    image,
    tag: service.image,
  };
}

function buildStep(
  { project, settings }: BuildPlanner,
  service: ServiceFolder,
  { after, reason }: Pick<BuildImage, "after" | "reason">,
): BuildImage {
  const { build, buildArguments } = service;
  const own = Object.entries(settings.builder).filter(([name]) => buildArguments.includes(name));
  const bundled = service.folder === undefined;
  const given = bundled ? {} : settings.arguments;
  return {
    kind: "build-image",
    id: `build ${service.image}`,
    after: [...new Set(after)],
    title: service.image,
    reason,
    image: service.image,
    context: contextOf(project, service),
    dockerfile: build?.dockerfile ?? "Dockerfile",
    dockerfileText: service.dockerfileText,
    addedStages: service.addedStages,
    target: build?.target,
    bases: bundled ? [] : service.parents,
    arguments: { ...Object.fromEntries(own), ...build?.args, ...given },
    // One each: the classic builder takes a step for every label, and its name says the rest.
    labels: bundled
      ? { [labels.assets]: settings.assets }
      : { ...build?.labels, [labels.folder]: projectOrigin(project.origin) },
    cache: settings.cache && build?.noCache !== true,
    settings: builderSettingsOf(build),
    ...givenFromHere(project, service),
    tags: build && tagsOf(build).filter((tag) => tag !== service.image),
    repeatable: service.repeatable,
  };
}

/** What the caller's machine gives to the build, with absolute paths. */
function givenFromHere(
  { folder, conf }: Project,
  { name, build }: ServiceFolder,
): BuildSources & Pick<BuildImage, "at"> {
  const { secrets = {}, ssh = {} } = build ?? {};
  const sources = Object.entries(secrets).map(
    ([id, secret]) =>
      [id, "file" in secret ? { file: resolve(folder, secret.file) } : secret] as const,
  );
  const keys = Object.entries(ssh).map(
    ([id, path]) => [id, path === null ? null : resolve(folder, path)] as const,
  );
  const definition = conf.instances.find((instance) => instance.service === name);
  return {
    ...(sources.length > 0 && { secrets: Object.fromEntries(sources) }),
    ...(keys.length > 0 && { ssh: Object.fromEntries(keys) }),
    ...(build && definition && { at: definition.at }),
  };
}

function contextOf(project: Project, { name, folder }: ServiceFolder): BuildImage["context"] {
  if (folder === undefined) return { bundled: name.replace(/^reyns-/, "") };
  return isGitContext(folder) ? { git: folder } : { folder, privatePaths: privatePathsOf(project) };
}

function requireCarried(plan: BuildPlanner, service: ServiceFolder): string[] {
  const id = `build ${service.image}`;
  if (plan.steps.has(id)) return [id];
  const found = plan.observed.images.get(tagged(service.image));
  const { assets, rebuildBundled, keepBundled } = plan.settings;
  const isCurrent = found && (keepBundled || found.labels[labels.assets] === assets);
  if (isCurrent && !rebuildBundled) return [];
  const parents = service.parents.length === 0 ? [rootImage] : service.parents;
  const after = parents.flatMap((parent) => requireImage(plan, parent));
  const reason = found ? "built by another version of Reyns" : "not built yet";
  plan.steps.set(id, buildStep(plan, service, { after, reason }));
  return [id];
}

function requireRoot(plan: BuildPlanner): string[] {
  const { rootfs } = plan.settings;
  const id = `root ${rootImage}`;
  if (plan.steps.has(id)) return [id];
  if (plan.observed.images.has(rootImage) && rootfs === undefined) return [];
  const step: RootImage = {
    kind: "root-image",
    id,
    after: [],
    title: rootImage,
    reason: rootfs === undefined ? "not on this Engine" : "rootfs was given",
    image: rootImage,
    rootfs,
  };
  plan.steps.set(id, step);
  return [id];
}

/** An image that only a registry can give. The builder asks for a missing parent itself; what runs as it is has to be pulled. */
function requirePull(plan: BuildPlanner, image: string): string[] {
  if (plan.path.length > 0 || plan.observed.images.has(tagged(image))) return [];
  refusePull(plan.project, image);
  return pullOf(plan, image, "not on this Engine");
}

function pullOf(plan: BuildPlanner, image: string, reason: string): string[] {
  const id = `pull ${image}`;
  plan.steps.set(id, pullStepOf(plan.project, image, reason));
  return [id];
}

function requireTag(
  plan: BuildPlanner,
  image: string,
  tag: string,
  after: readonly string[],
): string[] {
  const id = `tag ${tag}`;
  const [own, tagging] = [image, tag].map((name) => plan.observed.images.get(tagged(name))?.id);
  if (after.length === 0 && own !== undefined && own === tagging) return [];
  const reason = `former name of ${image}`;
  plan.steps.set(id, { kind: "tag-image", id, after, title: tag, reason, image, tag });
  return [id];
}
