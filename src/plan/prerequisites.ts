import { projectOrigin } from "../model/copy-origin.ts";
import { labels } from "../model/labels.ts";
import type { Observed } from "../model/observed.ts";
import type { Project } from "../model/project.ts";
import type { Step } from "../model/steps.ts";
import { planBuilds, type BuildSettings } from "./build-plan.ts";
import type { DescribedStart } from "./describe/described-start.ts";
import { carriedImages, tagged } from "./resolve/images.ts";

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

/**
 * An image of the same name that another project has built on this Engine is not this project's; one from another machine
 * has been brought here to be used, and its folder is there. A bundled one is always planned for, which builds it when
 * another executable did.
 */
function isBuilt(project: Project, observed: Observed, image: string): boolean {
  if (carriedImages.includes(image)) return false;
  const found = observed.images.get(tagged(image));
  if (!found) return false;
  const origin = found.labels[labels.folder];
  return (
    origin === undefined || origin === projectOrigin(project.origin) || found.isImported === true
  );
}
