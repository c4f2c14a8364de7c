import type { Engine } from "../engine/open.ts";
import type { Step } from "../plan/steps.ts";
import type { Change } from "./changing.ts";

/** How a plan is carried out. */
export interface Performance {
  readonly change: Change;
  readonly folder: string;
  readonly verbose?: boolean;
}

/**
 * Carries out a plan with its progress shown; an interruption lets what has begun end in order. What does that is loaded
 * when there is something to do.
 */
export async function perform(
  steps: readonly Step[],
  engine: Engine,
  performance: Performance,
): Promise<void> {
  if (steps.length === 0) return;
  performance.change.begin();
  const { carryOut } = await import("./carry-out.ts");
  await carryOut(steps, engine, performance);
}
