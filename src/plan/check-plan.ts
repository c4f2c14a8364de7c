import { ReynsError, ReynsErrors } from "../errors.ts";
import type { Project } from "../model/project.ts";
import { nothingObserved } from "../model/observed.ts";
import { privilegesOf } from "./checks/privileges.ts";
import { planRun, type RunPlan } from "./run-plan.ts";
import { plainSelection } from "./select/selection.ts";

/**
 * What is wrong with a project beyond what reading it shows: circles, options that are not supported. Planned as if
 * nothing ran; what depends on the host, such as its interfaces, is left to the run.
 */
export function findPlanErrors(project: Project): ReynsError[] {
  if (project.conf.instances.length === 0) return [];
  try {
    planAll(project);
    return [];
  } catch (error) {
    return errorsIn(error).filter(({ code }) => code === "INVALID_PROJECT");
  }
}

/** An instance that may more than a container may by itself. */
export interface InstancePrivileges {
  readonly host: string;
  /** In words for people. */
  readonly privileges: readonly string[];
}

/** Those of a project's instances that its definition gives more than a container's own rights. */
export function listPrivileges(project: Project): InstancePrivileges[] {
  if (project.conf.instances.length === 0) return [];
  try {
    const starts = planAll(project).steps.filter((step) => step.kind === "start-instance");
    return starts
      .map(({ host, spec }) => ({ host, privileges: privilegesOf(spec, project) }))
      .filter(({ privileges }) => privileges.length > 0);
  } catch (error) {
    // Without this host's variables there is no plan: the run will say which.
    errorsIn(error);
    return [];
  }
}

function errorsIn(error: unknown): ReynsError[] {
  const errors = error instanceof ReynsErrors ? error.errors : [error];
  return errors.map((one) => {
    if (!(one instanceof ReynsError)) throw one;
    return one;
  });
}

function planAll(project: Project): RunPlan {
  return planRun({
    project,
    observed: nothingObserved,
    selections: [plainSelection("*")],
    sources: { caller: {}, hostConf: {}, interfaces: {} },
    hostHostname: "",
    build: { cache: true, carriedAgain: false, assets: "", rootfs: undefined, builder: {} },
    timeout: 0,
    parallel: false,
    recreate: false,
    keep: false,
    prune: false,
    previousRunFailed: false,
    allowPublic: false,
    hostAddresses: undefined,
  });
}
