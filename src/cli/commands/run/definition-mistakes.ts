import { hasCode, ReynsErrors, throwAll } from "../../../errors.ts";
import type { Environment } from "../../../lib/environment.ts";
import type { Project } from "../../../model/project.ts";
import { lastConfKey, readHostValues } from "../../../project/host-conf.ts";
import { inspectProject } from "../../../project/read.ts";
import { locateProject, withPlanErrors } from "../../common/context.ts";

/**
 * Reports the mistakes of a definition in place of a connection that has failed: they are there with an Engine, too.
 *
 * @param given undefined where only the Engine knows which conf it is: the one that ran last counts
 * @throws the mistakes; nothing where there is none, or the error is about something else
 */
export async function reportMistakes(
  error: unknown,
  given: Project | undefined,
  env: Environment,
): Promise<void> {
  const errors = error instanceof ReynsErrors ? error.errors : [error];
  if (!errors.every((each) => hasCode(each, "NO_ENGINE"))) return;
  if (given) throwAll(await withPlanErrors(given, []));
  else throwAll(await mistakesOfLast(env));
}

async function mistakesOfLast(env: Environment): ReturnType<typeof withPlanErrors> {
  const place = await locateProject();
  const last = readHostValues(place)[lastConfKey];
  try {
    const { project, errors } = await inspectProject(place, env, last);
    return await withPlanErrors(project, errors);
  } catch (error) {
    // It is not defined any more, and any other one may be meant.
    if (hasCode(error, "UNKNOWN_CONF")) return [];
    throw error;
  }
}
