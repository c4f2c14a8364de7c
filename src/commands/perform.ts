import { createProgress } from "../cli/progress.ts";
import { traced } from "../cli/trace.ts";
import { tracingSteps } from "../cli/trace-steps.ts";
import { createDnsAccess } from "../engine/dns-access.ts";
import { execute } from "../engine/execute.ts";
import type { Engine } from "../engine/open.ts";
import { keysFolder } from "../plan/names.ts";
import type { Step } from "../plan/steps.ts";
import type { Change } from "./changing.ts";

interface Settings {
  readonly change: Change;
  readonly folder: string;
  readonly verbose?: boolean;
}

/** Carries out a plan with its progress shown; an interruption lets what has begun end in order. */
export async function perform(
  steps: readonly Step[],
  engine: Engine,
  { change, folder, verbose = false }: Settings,
): Promise<void> {
  if (steps.length === 0) return;
  change.begin();
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
