import { createProgress } from "../cli/progress.ts";
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
    await execute(steps, {
      engine,
      emit: progress.emit,
      signal: change.signal,
      keysFolder: keys,
      dns: createDnsAccess(engine, { folder, keysFolder: keys }),
    });
  } finally {
    progress.close();
  }
}
