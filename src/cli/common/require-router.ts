import { ReynsError } from "../../errors.ts";
import type { ObservedInstance } from "../../model/observed.ts";

/**
 * Finds the project's router.
 *
 * @param advice what the hint says besides
 * @throws ReynsError NOT_RUNNING
 */
export function requireRouter(
  instances: readonly ObservedInstance[],
  ...advice: readonly string[]
): ObservedInstance {
  const router = instances.find(({ isRouter }) => isRouter);
  if (router) return router;
  const define = "define one with router() in reyns.ts, and run it: reyns run all";
  const hint = [define, ...advice].join("\n");
  throw new ReynsError("NOT_RUNNING", "this project has no router on this Engine", { hint });
}
