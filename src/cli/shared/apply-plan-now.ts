import { createProgress } from "../../ui/progress/progress.ts";
import { traced } from "../../ui/trace/trace.ts";
import { tracingSteps } from "../../ui/trace/steps.ts";
import { createDnsAccess } from "../../runtime/dns/client.ts";
import { execute } from "../../runtime/executor/execute.ts";
import type { Engine } from "../../runtime/connect.ts";
import { keysFolder } from "../../model/resource-names.ts";
import type { Step } from "../../model/steps.ts";
import type { ApplyOptions } from "./apply-plan.ts";

/** Carries out steps with their progress shown. */
export async function applyPlanNow(
  steps: readonly Step[],
  engine: Engine,
  { change, folder, verbose = false }: ApplyOptions,
): Promise<void> {
  const progress = await createProgress({ steps, verbose });
  try {
    const keys = keysFolder({ folder });
    const context = {
      engine,
      emit: tracingSteps(progress.emit),
      signal: change.signal,
      jobs: change.jobs,
      keysFolder: keys,
      dns: createDnsAccess(engine, { folder, keysFolder: keys }),
    };
    await traced("carry out the plan", () => execute(steps, context));
  } finally {
    progress.close();
  }
}
