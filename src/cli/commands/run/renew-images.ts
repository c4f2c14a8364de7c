import type { Engine } from "../../../runtime/connect.ts";
import { observe } from "../../../runtime/observe/observe.ts";
import { planBuilds } from "../../../plan/build-plan.ts";
import { planPullAlways } from "../../../plan/pull-plan.ts";
import { imagesOf } from "../../../plan/resolve/images.ts";
import { selectInstances } from "../../../plan/select/select.ts";
import { applyPlan } from "../../common/apply-plan.ts";
import { buildSettings } from "../../common/build-settings.ts";
import type { LockedProject } from "../../common/with-project-lock.ts";
import type { RunOptions } from "./options.ts";

/** Pulls and builds the images that are renewed at each run, before it is planned. */
export async function renewImages(
  { project, selections }: RunOptions,
  engine: Engine,
  locked: LockedProject,
): Promise<void> {
  const instances = selections.flatMap((selection) => selectInstances(project, selection));
  const built = instances.flatMap(({ service, definition }) =>
    definition.pullPolicy === "build" ? (project.services.get(service)?.image ?? []) : [],
  );
  const observed = await observe(engine, project, imagesOf(project));
  const builds = planBuilds(project, [...new Set(built)], observed, buildSettings({ cache: true }));
  const steps = [...planPullAlways(project, instances), ...builds];
  await applyPlan(steps, engine, { locked, place: project });
}
