import { hostname } from "node:os";
import { instanceTable } from "../cli/instances.ts";
import { log } from "../cli/log.ts";
import { print, say } from "../cli/print.ts";
import { askVariables, missingVariables, wantsToKeep } from "../cli/ask-variables.ts";
import { canAsk } from "../cli/questions.ts";
import { flowing } from "../cli/wrapped.ts";
import { readListeners } from "../engine/listeners.ts";
import { observe, observeInstances } from "../engine/observe.ts";
import type { Engine } from "../engine/open.ts";
import { ReynsError, throwAll } from "../errors.ts";
import { isRunning, type Observed, type ObservedInstance } from "../plan/observed.ts";
import { planRun, type RunPlan, type Unchanged } from "../plan/run-plan.ts";
import type { Selection } from "../plan/select.ts";
import { publishedPorts, takenPorts } from "../plan/taken-ports.ts";
import { readHostConf } from "../project/host-conf.ts";
import type { Project } from "../project/types.ts";
import { confirmDataFolder, remember } from "./before-run.ts";
import { buildSettings } from "./build-settings.ts";
import { perform } from "./perform.ts";
import { interactiveStart, runInTerminal } from "./run-in-terminal.ts";
import { addressesOfHost, callersEngine, hostInterfaces } from "./session.ts";

interface Call {
  readonly project: Project;
  readonly selections: readonly Selection[];
  /** Seconds; none: each instance's own. */
  readonly timeout: number | undefined;
  readonly parallel: boolean;
  readonly allowPublic: boolean;
  readonly json: boolean;
  readonly yes: boolean;
  /** Running instances are removed first and run again. */
  readonly again: boolean;
}

export interface RunResult {
  readonly status: number;
  /** What runs now of what was asked for. */
  readonly instances: readonly ObservedInstance[];
}

/** Plans, asks for what is missing, carries the plan out, and shows what was started. */
export async function runInstances(call: Call): Promise<RunResult> {
  const engine = callersEngine();
  const { plan, kept } = await completePlan(call, engine);
  for (const warning of plan.warnings) log.warn(warning);
  for (const one of plan.unchanged) say(flowing(alreadyRuns(one), 2));
  const interactive = interactiveStart(plan);
  await confirmDataFolder(plan, call);
  // The last question is answered: from here on things change.
  await remember(call.project, kept);
  if (interactive) {
    const status = await runInTerminal(interactive, plan, engine, call.project);
    return { status, instances: [] };
  }
  await perform(plan.steps, engine, call.project);
  return { status: 0, instances: await started(call, engine, plan) };
}

interface Complete {
  readonly plan: RunPlan;
  /** Answers that shall be kept for this host. */
  readonly kept: Readonly<Record<string, string>>;
}

async function completePlan(call: Call, engine: Engine): Promise<Complete> {
  const { project } = call;
  const [observed, build] = await Promise.all([
    observe(engine, project),
    buildSettings({ cache: true }),
  ]);
  const interfaces = hostInterfaces();
  const hostAddresses = engine.local ? addressesOfHost() : undefined;
  const planWith = (hostConf: Readonly<Record<string, string>>): RunPlan => {
    const plan = planRun({
      ...call,
      observed,
      build,
      hostHostname: hostname(),
      hostAddresses,
      sources: { caller: process.env, hostConf, interfaces },
    });
    if (engine.local && plan.missing.length === 0) checkPorts(plan, observed, project);
    return plan;
  };
  const hostConf = readHostConf(project.folder);
  const plan = planWith(hostConf);
  if (plan.missing.length === 0) return { plan, kept: {} };
  if (!canAsk(call.yes)) throwAll(missingVariables(plan.missing));
  const answers = await askVariables(plan.missing, interfaces);
  const complete = planWith({ ...hostConf, ...answers });
  const kept = (await wantsToKeep(plan.missing, call.yes)) ? answers : {};
  return { plan: complete, kept };
}

/** A port that is taken is found before anything is built or stopped, and all of them at once. */
function checkPorts({ steps }: RunPlan, { publishers }: Observed, project: Project): void {
  const listeners = readListeners(publishedPorts(steps));
  throwAll(takenPorts(steps, { project, publishers, listeners }));
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
  { project, json }: Call,
  engine: Engine,
  { starts, unchanged }: RunPlan,
): Promise<ObservedInstance[]> {
  if (!json && starts.length === 0) return [];
  const all = await observeInstances(engine, project);
  const own = all.filter(({ host }) => starts.includes(host));
  if (!json) print(instanceTable(own));
  throwAll(own.filter((instance) => !isRunning(instance)).map(endedSince));
  const asked = new Set([...starts, ...unchanged.map(({ host }) => host)]);
  return all.filter(({ host }) => asked.has(host));
}
