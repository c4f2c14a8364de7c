import { ReynsError, ReynsErrors } from "../errors.ts";
import type { Project } from "../project/types.ts";
import { nothingObserved } from "./observed.ts";
import { planRun } from "./run-plan.ts";
import { plainSelection } from "./select.ts";

/**
 * What is wrong with a project beyond what reading it shows: circles, options that are not supported. Planned as if
 * nothing ran; what depends on the host, such as its interfaces, is left to the run.
 */
export function planMistakes(project: Project): ReynsError[] {
  if (project.conf.instances.length === 0) return [];
  try {
    planRun({
      project,
      observed: nothingObserved,
      selections: [plainSelection("*")],
      sources: { caller: {}, hostConf: {}, interfaces: {} },
      hostHostname: "",
      build: { cache: true, carriedAgain: false, assets: "", rootfs: undefined, builder: {} },
      timeout: 0,
      parallel: false,
      again: false,
      unfinished: false,
      allowPublic: false,
      hostAddresses: undefined,
    });
    return [];
  } catch (error) {
    const errors = error instanceof ReynsErrors ? error.errors : [error];
    return errors.filter((one): one is ReynsError => {
      if (!(one instanceof ReynsError)) throw one;
      return one.code === "INVALID_PROJECT";
    });
  }
}
