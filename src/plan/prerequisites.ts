import type { Observed } from "../model/observed.ts";
import type { Project } from "../model/project.ts";
import type { Step } from "../model/steps.ts";
import { planBuilds, type BuildSettings } from "./build-plan.ts";
import type { DescribedStart } from "./describe/described-start.ts";
import { isBuilt } from "./resolve/images.ts";

interface Context {
  readonly project: Project;
  readonly observed: Observed;
  readonly build: BuildSettings;
}

/** Builds or pulls the images that the starts and the lease keeper need, and that are missing. */
export function buildsFor(
  starting: readonly DescribedStart[],
  keeping: readonly Step[],
  { project, observed, build }: Context,
): readonly Step[] {
  const images = [
    ...starting.flatMap(({ placed }) =>
      ["restart", "resume"].includes(placed.action) ? [] : placed.image,
    ),
    ...keeping.flatMap((step) => (step.kind === "keep-leases" ? step.spec.image : [])),
  ];
  return planBuilds(project, missingImages(project, observed, images), observed, build);
}

function missingImages(project: Project, observed: Observed, images: readonly string[]): string[] {
  return [...new Set(images)].filter((image) => !isBuilt(project, observed, image));
}
