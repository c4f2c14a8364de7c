import { join, relative } from "node:path";
import { log } from "../../../ui/output/log.ts";
import type { Project, ServiceFolder } from "../../../model/project.ts";
import { privateFolder, privatePathsOf } from "../../../model/resource-names.ts";
import { buildKeyOf } from "../../../plan/build-sharing.ts";
import { tagged } from "../../../plan/resolve/images.ts";
import type { RunPlan } from "../../../plan/run-plan.ts";
import type { Engine } from "../../../runtime/connect.ts";

/** Warns of services whose files have changed since their image was built: a run does not build it again. */
export async function warnOfOutdatedImages(
  project: Project,
  plan: RunPlan,
  engine: Engine,
): Promise<void> {
  const services = usedServices(project, plan);
  if (services.length === 0) return;
  // What reads contexts is loaded only where there is one.
  const [{ hasChangedSinceBuild }, { cacheFileIn }, { observeImages }] = await Promise.all([
    import("../../../runtime/build/outdated.ts"),
    import("../../../runtime/build/cache.ts"),
    import("../../../runtime/observe/images.ts"),
  ]);
  const cacheFile = cacheFileIn(join(project.folder, privateFolder));
  const privatePaths = privatePathsOf(project);
  const imageId = async (image: string): Promise<string | undefined> =>
    (await observeImages(engine, [tagged(image)])).get(tagged(image))?.id;
  for (const service of services) {
    if (!(await hasChangedSinceBuild(service, { cacheFile, privatePaths, imageId }))) continue;
    const { name, folder = "", addedStages } = service;
    const sharing = namesBuiltLike(service, project).join(", ");
    const changed = addedStages?.folders.length
      ? `a context of ${name}`
      : folderText(folder, project);
    log.warn(
      `${changed} has changed since the image of ${sharing} was built; to build and use it: reyns run all build=true`,
    );
  }
}

/** "./api"; the whole path of a folder outside of the project. */
function folderText(folder: string, project: Project): string {
  const path = relative(project.folder, folder);
  if (path === "") return "the project's folder";
  return path.startsWith("..") ? folder : `./${path}`;
}

/** The services that share an image, which is built for any of them. */
function namesBuiltLike(service: ServiceFolder, { services }: Project): string[] {
  const key = buildKeyOf(service);
  const alike = [...services.values()].filter((other) => buildKeyOf(other) === key);
  return alike.map(({ name }) => name);
}

/** Those of the instances that run, and that this run does not build. */
function usedServices(
  { services }: Project,
  { starts, unchanged, steps }: RunPlan,
): ServiceFolder[] {
  const names = steps.flatMap((step) =>
    step.kind === "start-instance" && starts.includes(step.host) ? step.spec.image : [],
  );
  const kept = unchanged.flatMap(({ service }) => services.get(service)?.image ?? []);
  const built = new Set(steps.flatMap((step) => (step.kind === "build-image" ? step.image : [])));
  const images = new Set([...names, ...kept].filter((image) => !built.has(image)));
  const used = [...services.values()].filter(
    (service) => service.folder !== undefined && images.has(service.image),
  );
  // Services that are built alike share an image.
  return [
    ...new Map(used.toReversed().map((service) => [buildKeyOf(service), service])).values(),
  ].toReversed();
}
