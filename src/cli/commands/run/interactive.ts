import { ReynsError } from "../../../errors.ts";
import type { RunPlan } from "../../../plan/run-plan.ts";
import type { StartInstance } from "../../../model/steps.ts";

/**
 * Finds the instance of a plan that takes over this terminal, if there is one.
 *
 * @throws ReynsError INVALID_VALUE when the plan starts others beside it, ANSWER_NEEDED without a terminal
 */
export function interactiveStart({ steps }: RunPlan): StartInstance | undefined {
  const [start, ...others] = steps
    .filter((step) => step.kind === "start-instance")
    .filter(({ interactive }) => interactive);
  if (!start) return undefined;
  if (others.length > 0) {
    const hosts = [start, ...others].map(({ host }) => host).join(", ");
    const message = `interactive takes one instance, not ${hosts}`;
    const hint = "name it: reyns run SERVICE INSTANCE interactive=true";
    throw new ReynsError("INVALID_VALUE", message, { hint });
  }
  if (start.spec.session === "pipes" || (process.stdin.isTTY && process.stdout.isTTY)) return start;
  const hint = "run it in a terminal, or with interactive=false";
  throw new ReynsError("ANSWER_NEEDED", `${start.host} is interactive, but there is no terminal`, {
    hint,
  });
}
