import { ReynsError } from "../errors.ts";
import { tagsOf } from "../model/build.ts";
import type { Project, ServiceFolder } from "../model/project.ts";
import type { PullImage, PushImage } from "../model/steps.ts";
import { serviceOfImage } from "./resolve/images.ts";
import type { SelectedInstance } from "./select/selection.ts";

/** The ready images of instances, and those that are left. */
export interface PullPlan {
  readonly steps: readonly PullImage[];
  /** For people, a line each. */
  readonly skipped: readonly string[];
}

/** Pulls the ready images of some instances, whether they are on the Engine or not. */
export function planPull(project: Project, instances: readonly SelectedInstance[]): PullPlan {
  const skipped: string[] = [];
  const steps = new Map<string, PullImage>();
  for (const { host, service, definition } of instances) {
    const { image, pullPolicy } = definition;
    const builder =
      image === undefined ? project.services.get(service) : serviceOfImage(project, image);
    // What comes with this program needs no word.
    if (builder?.folder !== undefined)
      skipped.push(`${host} is built here: reyns build ${builder.name}`);
    else if (builder || image === undefined) continue;
    else if (pullPolicy === "never") skipped.push(`${host}: its pullPolicy is "never"`);
    else steps.set(image, pullStepOf(project, image, "asked for"));
  }
  return { steps: [...steps.values()], skipped: [...new Set(skipped)] };
}

/** Pulls the images of instances whose policy is to do so at each run. */
export function planPullAlways(
  project: Project,
  instances: readonly SelectedInstance[],
): readonly PullImage[] {
  const always = instances.filter(({ definition }) => definition.pullPolicy === "always");
  return planPull(project, always).steps.map((step) => ({
    ...step,
    reason: 'its pullPolicy is "always"',
  }));
}

/** Pulls an image for the platform that instances want it for. */
export function pullStepOf({ conf }: Project, image: string, reason: string): PullImage {
  const user = conf.instances.find((one) => one.image === image && one.runtime?.platform);
  const platform = user?.runtime?.platform;
  const base = { kind: "pull-image", id: `pull ${image}`, after: [], title: image } as const;
  return { ...base, reason, image, ...(platform === undefined ? {} : { platform }) };
}

/** Pushes what services are built into, under the names of registries that they have. */
export function planPush(services: readonly ServiceFolder[]): readonly PushImage[] {
  const names = new Set(services.flatMap(({ build }) => (build ? tagsOf(build) : [])));
  return [...names].map((image) => ({
    kind: "push-image",
    id: `push ${image}`,
    after: [],
    title: image,
    reason: "asked for",
    image,
  }));
}

/** @throws ReynsError ENGINE_REFUSED when an image that must not be pulled is not there */
export function refusePull({ conf }: Project, image: string): void {
  const definition = conf.instances.find(
    (one) => one.image === image && one.pullPolicy === "never",
  );
  if (!definition) return;
  const message = `the image ${image} is not on this Engine, and the pullPolicy of ${definition.service} is "never"`;
  throw new ReynsError("ENGINE_REFUSED", message, {
    hint: `bring it here with docker pull ${image}, or with docker load`,
    at: definition.at,
  });
}
