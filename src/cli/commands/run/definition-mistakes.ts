import { hasCode, ReynsErrors, throwAll } from "../../../errors.ts";
import type { Environment } from "../../../lib/environment.ts";
import type { Project } from "../../../model/project.ts";
import { lastConfKey, readHostValues } from "../../../project/host-conf.ts";
import { inspectProject } from "../../../project/read.ts";
import { locateProject, withPlanErrors } from "../../common/context.ts";

/** Throws what is wrong with a call, in the project that it is about. */
export type CheckCall = (project: Project) => void;

interface KnownCall {
  /** Undefined where only the Engine knows which conf it is: the one that ran last counts. */
  readonly project: Project | undefined;
  readonly env: Environment;
  readonly checkCall: CheckCall | undefined;
}

/**
 * Reports the mistakes of a definition, or else those of the call, in place of a connection that has failed: they are
 * there with an Engine, too.
 *
 * @throws the mistakes; nothing where there is none, or the error is about something else
 */
export async function reportMistakes(
  error: unknown,
  { project, env, checkCall }: KnownCall,
): Promise<void> {
  const errors = error instanceof ReynsErrors ? error.errors : [error];
  if (!errors.every((each) => hasCode(each, "NO_ENGINE"))) return;
  if (project) throwAll(await withPlanErrors(project, []));
  else await checkLast(env, checkCall);
}

async function checkLast(env: Environment, checkCall: CheckCall | undefined): Promise<void> {
  const place = await locateProject();
  const last = readHostValues(place)[lastConfKey];
  try {
    const { project, errors } = await inspectProject(place, env, last);
    throwAll(await withPlanErrors(project, errors));
    checkCall?.(project);
  } catch (error) {
    // It is not defined any more, and any other one may be meant.
    if (!hasCode(error, "UNKNOWN_CONF")) throw error;
  }
}
