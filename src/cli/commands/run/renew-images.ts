import type { Engine } from "../../../runtime/connect.ts";
import { observe } from "../../../runtime/observe/observe.ts";
import { planBuilds } from "../../../plan/build-plan.ts";
import { planPull, planPullAlways } from "../../../plan/pull-plan.ts";
import { imagesOf, serviceOfImage } from "../../../plan/resolve/images.ts";
import { selectInstances } from "../../../plan/select/select.ts";
import type { SelectedInstance } from "../../../plan/select/selection.ts";
import type { PullImage, Step } from "../../../model/steps.ts";
import { applyPlan } from "../../common/apply-plan.ts";
import { buildSettings } from "../../common/build-settings.ts";
import type { LockedProject } from "../../common/with-project-lock.ts";
import type { RunOptions } from "./options.ts";

/** Pulls and builds the images that are renewed at each run, before it is planned. */
export async function renewImages(
  options: RunOptions,
  engine: Engine,
  locked: LockedProject,
): Promise<void> {
  const steps = [...pullSteps(options), ...(await buildSteps(options, engine))];
  await applyPlan(steps, engine, { locked, place: options.project });
}

export function pullSteps(options: RunOptions): readonly PullImage[] {
  const { project, pullFirst } = options;
  const instances = selectedBy(options);
  return pullFirst ? planPull(project, instances).steps : planPullAlways(project, instances);
}

export async function buildSteps(options: RunOptions, engine: Engine): Promise<Step[]> {
  const { project, buildFirst, neverBuild } = options;
  if (neverBuild) return [];
  const built = selectedBy(options).flatMap(({ service, definition: { image, pullPolicy } }) => {
    if (!buildFirst && pullPolicy !== "build") return [];
    const builder =
      image === undefined ? project.services.get(service) : serviceOfImage(project, image);
    return builder?.folder === undefined ? [] : builder.image;
  });
  const observed = await observe(engine, project, imagesOf(project));
  return planBuilds(project, [...new Set(built)], observed, buildSettings({ cache: true }));
}

function selectedBy({ project, selections }: RunOptions): SelectedInstance[] {
  return selections.flatMap((selection) => selectInstances(project, selection));
}
