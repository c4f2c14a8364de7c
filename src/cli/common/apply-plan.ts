import type { Engine } from "../../runtime/connect.ts";
import type { Step } from "../../model/steps.ts";
import { recordExpected } from "./record-expected.ts";
import type { ApplyOptions } from "./apply-plan-now.ts";

/**
 * Applies a plan and shows its progress; after an interruption, steps that have begun end in order. The executor is loaded
 * only when there are steps.
 */
export async function applyPlan(
  steps: readonly Step[],
  engine: Engine,
  options: ApplyOptions,
): Promise<void> {
  if (steps.length === 0) return;
  options.locked.begin();
  recordExpected(options.place, steps);
  const { applyPlanNow } = await import("./apply-plan-now.ts");
  await applyPlanNow(steps, engine, options);
}
