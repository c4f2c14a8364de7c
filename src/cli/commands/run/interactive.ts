import { ReynsError } from "../../../errors.ts";
import type { RunPlan } from "../../../plan/run-plan.ts";
import type { StartInstance } from "../../../model/steps.ts";

/**
 * The one instance of a plan that shall run in this terminal, if there is one.
 *
 * @throws ReynsError INVALID_VALUE when there are others beside it, ANSWER_NEEDED without a terminal
 */
export function interactiveStart({ steps, starts }: RunPlan): StartInstance | undefined {
  const start = steps.find((step) => step.kind === "start-instance" && step.interactive);
  if (start?.kind !== "start-instance") return undefined;
  if (starts.length > 1) {
    const message = `interactive runs one instance at a time, not ${starts.join(", ")}`;
    const hint = "name the one: reyns run SERVICE INSTANCE interactive=True";
    throw new ReynsError("INVALID_VALUE", message, { hint });
  }
  if (process.stdin.isTTY && process.stdout.isTTY) return start;
  const hint = "call it in a terminal, or run it with interactive=False";
  throw new ReynsError("ANSWER_NEEDED", `${start.host} is interactive, and there is no terminal`, {
    hint,
  });
}
