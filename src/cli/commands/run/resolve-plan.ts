import { missingVariableErrors, askToSaveAnswers } from "../../../ui/prompts/missing-variables.ts";
import { canPrompt, confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { withTrace } from "../../../ui/trace/trace.ts";
import { listListeningSockets } from "../../../runtime/host/listening-ports.ts";
import { machineName } from "../../../runtime/host/engine-host.ts";
import { observe } from "../../../runtime/observe/observe.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { throwAll } from "../../../errors.ts";
import { imagesOf } from "../../../plan/resolve/images.ts";
import { mergeMissing, type MissingVariable } from "../../../plan/resolve/environment.ts";
import type { Observed } from "../../../model/observed.ts";
import { planRun, type RunPlan } from "../../../plan/run-plan.ts";
import type { Selection } from "../../../plan/select/select.ts";
import { publishedPorts, portConflictErrors } from "../../../plan/checks/taken-ports.ts";
import { readHostConf } from "../../../project/host-conf.ts";
import type { Project } from "../../../model/project.ts";
import { dataFolderQuestion } from "./data-folder.ts";
import { buildSettings } from "../../shared/build-settings.ts";
import type { LockedProject } from "../../shared/with-project-lock.ts";
import { addressesOfHost, asking, connectEngine, hostInterfaces } from "../../shared/context.ts";

/** What a run is told. */
export interface RunOptions {
  readonly project: Project;
  readonly selections: readonly Selection[];
  /** Seconds; none: each instance's own. */
  readonly timeout: number | undefined;
  readonly parallel: boolean;
  readonly allowPublic: boolean;
  readonly json: boolean;
  readonly yes: boolean;
  /** Running instances are removed first and run again. */
  readonly recreate: boolean;
}

/** Values of variables that were asked for. */
export interface Answers {
  readonly values: Readonly<Record<string, string>>;
  /** Those that shall be kept for this host. */
  readonly kept: Readonly<Record<string, string>>;
}

interface ResolvedPlan {
  readonly plan: RunPlan;
  readonly kept: Answers["kept"];
}

interface ResolveOptions {
  readonly engine: Engine;
  readonly change: LockedProject;
  readonly answers: Answers | undefined;
}

const noAnswers: Answers = { values: {}, kept: {} };

/** The plan of a call; what it lacks is asked for, but for what has been answered before. */
export async function resolvePlan(
  call: RunOptions,
  { engine, change, answers: before = noAnswers }: ResolveOptions,
): Promise<ResolvedPlan> {
  const planWith = async ({ values }: Answers): Promise<RunPlan> =>
    (await createPlanner(call, engine, change.previousRunFailed))(values);
  const plan = await planWith(before);
  const question = dataFolderQuestion(plan, call.project);
  if (plan.missing.length === 0 && !question) return { plan, kept: before.kept };
  const answers = await change.releaseLockWhile(async () => {
    const given =
      plan.missing.length === 0
        ? noAnswers
        : await promptForMissing(plan.missing, call.yes, engine);
    if (question) await confirmOrCancel({ ...question, yes: call.yes });
    return mergeAnswers(before, given);
  });
  // Others may have gone first.
  return { plan: await planWith(answers), kept: answers.kept };
}

function mergeAnswers(one: Answers, other: Answers): Answers {
  return {
    values: { ...one.values, ...other.values },
    kept: { ...one.kept, ...other.kept },
  };
}

/** Asks for what several calls lack, each value once: after the first call things have changed already. */
export async function askMissing(calls: readonly RunOptions[]): Promise<Answers> {
  const engine = await connectEngine();
  const plans = await Promise.all(
    calls.map(async (call) => (await createPlanner(call, engine))(noAnswers.values)),
  );
  const missing = mergeMissing(plans.flatMap((plan) => plan.missing));
  if (missing.length === 0) return noAnswers;
  return promptForMissing(
    missing,
    calls.some(({ yes }) => yes),
    engine,
  );
}

async function promptForMissing(
  missing: readonly MissingVariable[],
  yes: boolean,
  { local }: Engine,
): Promise<Answers> {
  if (!canPrompt(yes)) throwAll(missingVariableErrors(missing));
  const { askVariables } = await import("../../../ui/prompts/ask-variables.ts");
  const values = await askVariables(missing, local ? hostInterfaces() : {});
  return { values, kept: (await askToSaveAnswers(missing, yes)) ? values : {} };
}

/** Looks at the Engine once; what it gives plans with the answers there are. */
async function createPlanner(
  call: RunOptions,
  engine: Engine,
  unfinished = false,
): Promise<(answers: Answers["values"]) => RunPlan> {
  const { project } = call;
  const [observed, hostHostname] = await withTrace("look at the Engine", () =>
    Promise.all([asking(observe(engine, project, imagesOf(project))), machineName(engine)]),
  );
  const hostAddresses = engine.local ? addressesOfHost() : undefined;
  const interfaces = hostAddresses && hostInterfaces(hostAddresses);
  const sources = { caller: process.env, interfaces };
  return (answers) => {
    const plan = planRun({
      ...call,
      observed,
      build: buildSettings({ cache: true }),
      previousRunFailed: unfinished,
      hostHostname,
      hostAddresses,
      remoteEngine: engine.local ? undefined : engine.endpoint,
      sources: { ...sources, hostConf: { ...readHostConf(project.folder), ...answers } },
    });
    if (plan.missing.length === 0) checkPorts(plan, observed, call, engine);
    return plan;
  };
}

/** A port that is taken is found before anything is built or stopped, and all of them at once. */
function checkPorts(
  { steps }: RunPlan,
  { publishers }: Observed,
  { project }: RunOptions,
  { local }: Engine,
): void {
  const listeners = local ? listListeningSockets(publishedPorts(steps)) : [];
  throwAll(portConflictErrors(steps, { project, publishers, listeners }));
}
