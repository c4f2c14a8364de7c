import { ReynsError, ReynsErrors } from "../../errors.ts";
import type { ConfigureRouter } from "../../model/router-steps.ts";
import type { StartInstance } from "../../model/steps.ts";
import { haveOtherRoutes, planRollbackRoutes } from "../../plan/router/rollback-routes.ts";
import { observeRouter } from "../../runtime/router/observe.ts";
import { loadProject, withEngineNotice, type ListedInstances } from "./context.ts";

/**
 * What the router has to be told when versions come back that have other routes than it serves. Only then is the
 * definition read, as it has the settings of the router.
 *
 * @throws ReynsErrors with the definition's mistakes
 */
export async function rollbackRoutes(
  starts: readonly StartInstance[],
  { engine, instances }: Pick<ListedInstances, "engine" | "instances">,
): Promise<ConfigureRouter[]> {
  const own = instances.find(({ isRouter, state }) => isRouter && state === "running");
  if (!own) return [];
  const router = await withEngineNotice(observeRouter(engine, own));
  if (!haveOtherRoutes(starts, router)) return [];
  const project = await loadProject(own.conf).catch((error: unknown) => {
    throw withReason(error);
  });
  return planRollbackRoutes(starts, { project, router, instances });
}

function withReason(error: unknown): unknown {
  if (!(error instanceof ReynsError) && !(error instanceof ReynsErrors)) return error;
  const message = "the earlier version has other routes, and the router's settings cannot be read";
  const reason = new ReynsError("INVALID_PROJECT", message, { hint: "fix the definition first" });
  return new ReynsErrors([reason, ...(error instanceof ReynsErrors ? error.errors : [error])]);
}
