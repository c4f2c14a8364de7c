import type { Engine } from "../../runtime/connect.ts";
import type { Step } from "../../model/steps.ts";
import type { LockedProject } from "./with-project-lock.ts";

/** How a plan is carried out. */
export interface ApplyOptions {
  readonly change: LockedProject;
  readonly folder: string;
  readonly verbose?: boolean;
}

/**
 * Carries out a plan with its progress shown; an interruption lets what has begun end in order. What does that is loaded
 * when there is something to do.
 */
export async function applyPlan(
  steps: readonly Step[],
  engine: Engine,
  performance: ApplyOptions,
): Promise<void> {
  if (steps.length === 0) return;
  performance.change.begin();
  const { applyPlanNow: carryOut } = await import("./apply-plan-now.ts");
  await carryOut(steps, engine, performance);
}
