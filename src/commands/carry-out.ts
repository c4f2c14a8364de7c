import { createProgress } from "../cli/progress.ts";
import { traced } from "../cli/trace.ts";
import { tracingSteps } from "../cli/trace-steps.ts";
import { createDnsAccess } from "../engine/dns-access.ts";
import { execute } from "../engine/execute.ts";
import type { Engine } from "../engine/open.ts";
import { keysFolder } from "../plan/names.ts";
import type { Step } from "../plan/steps.ts";
import type { Performance } from "./perform.ts";

/** Carries out steps with their progress shown. */
export async function carryOut(
  steps: readonly Step[],
  engine: Engine,
  { change, folder, verbose = false }: Performance,
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
