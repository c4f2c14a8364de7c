import { dirname } from "node:path";
import { ReynsError, ReynsErrors } from "../errors.ts";
import type { Project } from "../model/project.ts";
import { nothingObserved } from "../model/observed.ts";
import { keysFolder } from "../model/resource-names.ts";
import type { StartInstance } from "../model/steps.ts";
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
  return listStarts(project)
    .map(({ host, spec }) => ({ host, privileges: privilegesOf(spec, project) }))
    .filter(({ privileges }) => privileges.length > 0);
}

/** A file or folder of the host that an instance mounts and that no run creates. */
export interface RequiredPath {
  readonly host: string;
  readonly source: string;
  readonly target: string;
}

export function listRequiredPaths(project: Project): RequiredPath[] {
  const keys = keysFolder(project);
  return listStarts(project).flatMap(({ host, spec, folders }) =>
    spec.mounts
      .filter(({ type, source }) => type === "bind" && !folders.includes(source))
      .filter(({ source }) => dirname(source) !== keys)
      .map(({ source, target }) => ({ host, source, target })),
  );
}

function listStarts(project: Project): StartInstance[] {
  if (project.conf.instances.length === 0) return [];
  try {
    return planAll(project).steps.filter((step) => step.kind === "start-instance");
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
