// The plans of builds.
import { planBuilds, type BuildSettings } from "../../../src/plan/build-plan.ts";
import type { Observed } from "../../../src/model/observed.ts";
import type { Step } from "../../../src/model/steps.ts";
import type { ServiceFolder } from "../../../src/model/project.ts";
import { build, observed, projectOf } from "./planning.ts";

/** An Engine without any image. */
export const bareEngine: Observed = { ...observed(), images: new Map() };

export function buildSteps(
  services: readonly Partial<ServiceFolder>[],
  images: readonly string[],
  settings: Partial<BuildSettings> = {},
  seen: Observed = observed(),
): Step[] {
  return planBuilds(projectOf([], { services }), images, seen, { ...build, ...settings });
}

/** The steps, each with those that it waits for. */
export const buildOrder = (planned: readonly Step[]): [string, readonly string[]][] =>
  planned.map(({ id, after }) => [id, after]);
