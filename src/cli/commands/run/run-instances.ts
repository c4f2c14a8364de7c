import { formatInstances } from "../../../ui/views/instances.ts";
import { log } from "../../../ui/output/log.ts";
import { print, say } from "../../../ui/output/print.ts";
import { wrapMessage } from "../../../ui/output/wrap.ts";
import { observeInstances } from "../../../runtime/observe/containers.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { ReynsError, throwAll } from "../../../errors.ts";
import { keysFolder } from "../../../model/resource-names.ts";
import { isRunning, type ObservedInstance } from "../../../model/observed.ts";
import type { RunPlan, Unchanged } from "../../../plan/run-plan.ts";
import { saveAnswers, claimDataFolderIfNeeded } from "./data-folder.ts";
import type { LockedProject } from "../../shared/with-project-lock.ts";
import { resolvePlan, type Answers, type RunOptions } from "./resolve-plan.ts";
import { interactiveStart } from "./interactive.ts";
import { applyPlan } from "../../shared/apply-plan.ts";
import { connectEngine } from "../../shared/context.ts";

export interface RunResult {
  readonly status: number;
  /** What runs now of what was asked for. */
  readonly instances: readonly ObservedInstance[];
}

/** Plans, asks for what is missing and has not been answered before, carries the plan out, and shows what was started. */
export async function runInstances(
  call: RunOptions,
  change: LockedProject,
  answers?: Answers,
): Promise<RunResult> {
  const engine = await connectEngine();
  const { plan, kept } = await resolvePlan(call, { engine, change, answers });
  for (const warning of plan.warnings) log.warn(warning);
  for (const one of plan.unchanged) say(wrapMessage(alreadyRuns(one), 2));
  const interactive = interactiveStart(plan);
  // The last question is answered: from here on things change.
  saveAnswers(call.project, kept);
  claimDataFolderIfNeeded(plan, call.project);
  if (plan.starts.length > 0) {
    const { ensureKeys } = await import("../../../runtime/keys/store.ts");
    await ensureKeys(keysFolder(call.project));
  }
  const { folder } = call.project;
  if (interactive) {
    const { runAttachedToTerminal: runInTerminal } = await import("./attach-terminal.ts");
    const status = await runInTerminal(interactive, plan, engine, { change, folder });
    return { status, instances: [] };
  }
  await applyPlan(plan.steps, engine, { change, folder });
  return { status: 0, instances: await started(call, engine, plan) };
}

function alreadyRuns({ service, instance, host, changes }: Unchanged): string {
  if (changes.length === 0) return `${host} runs already`;
  return `${host} runs already, but its definition has changed (${changes.join(", ")}): apply it with "reyns rerun ${service} ${instance}"`;
}

/** What starts and ends at once was ready for a moment: a seed command that is not there, for one. */
function endedSince({ host, service, instance }: ObservedInstance): ReynsError {
  const hint = `see why: reyns logs ${service} ${instance}`;
  return new ReynsError("START_FAILED", `${host} was ready, and has ended since`, { hint });
}

async function started(
  { project, json }: RunOptions,
  engine: Engine,
  { starts, unchanged }: RunPlan,
): Promise<ObservedInstance[]> {
  if (!json && starts.length === 0) return [];
  const all = await observeInstances(engine, project);
  const own = all.filter(({ host }) => starts.includes(host));
  if (!json) await print(formatInstances(own));
  throwAll(own.filter((instance) => !isRunning(instance)).map(endedSince));
  const asked = new Set([...starts, ...unchanged.map(({ host }) => host)]);
  return all.filter(({ host }) => asked.has(host));
}
