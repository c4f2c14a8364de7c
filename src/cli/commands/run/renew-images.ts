import type { Engine } from "../../../runtime/connect.ts";
import { observe } from "../../../runtime/observe/observe.ts";
import { planBuilds } from "../../../plan/build-plan.ts";
import { planPull, planPullAlways } from "../../../plan/pull-plan.ts";
import { imagesOf, serviceOfImage } from "../../../plan/resolve/images.ts";
import { selectInstances } from "../../../plan/select/select.ts";
import { applyPlan } from "../../common/apply-plan.ts";
import { buildSettings } from "../../common/build-settings.ts";
import type { LockedProject } from "../../common/with-project-lock.ts";
import type { RunOptions } from "./options.ts";

/** Pulls and builds the images that are renewed at each run, before it is planned. */
export async function renewImages(
  { project, selections, buildFirst, pullFirst }: RunOptions,
  engine: Engine,
  locked: LockedProject,
): Promise<void> {
  const instances = selections.flatMap((selection) => selectInstances(project, selection));
  const built = instances.flatMap(({ service, definition: { image, pullPolicy } }) => {
    if (!buildFirst && pullPolicy !== "build") return [];
    const builder =
      image === undefined ? project.services.get(service) : serviceOfImage(project, image);
    return builder?.folder === undefined ? [] : builder.image;
  });
  const observed = await observe(engine, project, imagesOf(project));
  const builds = planBuilds(project, [...new Set(built)], observed, buildSettings({ cache: true }));
  const pulls = pullFirst ? planPull(project, instances).steps : planPullAlways(project, instances);
  const steps = [...pulls, ...builds];
  await applyPlan(steps, engine, { locked, place: project });
}
