import type { Engine } from "../../../runtime/connect.ts";
import { mergeMissing, type MissingVariable } from "../../../plan/resolve/environment.ts";
import { nodesOf } from "../../../model/nodes.ts";
import { type RunPlan } from "../../../plan/run-plan.ts";
import { keepAnswers, openQuestions } from "./data-folder.ts";
import type { MatchedReceipt } from "../../common/receipts/match.ts";
import type { RunOptions } from "./options.ts";
import type { AcrossContext, WaitForOthers } from "./registered.ts";
import type { LockedProject } from "../../common/with-project-lock.ts";
import { connectEngine } from "../../common/context.ts";
import { createPlanner, type Planner } from "./create-planner.ts";

/** Values that were prompted for. */
export interface Answers {
  readonly values: Readonly<Record<string, string>>;
  /** The values to save for this host. */
  readonly saved: Readonly<Record<string, string>>;
  /** The questions that were answered with yes. */
  readonly confirmed: readonly string[];
}

export interface ResolvedPlan {
  readonly plan: RunPlan;
  readonly answers: Answers;
  /** What the receipt of the call has been found to be, if it has one. */
  readonly matched: MatchedReceipt | undefined;
}

/** With the Engine that it is carried out on. */
export interface EnginePlan extends ResolvedPlan {
  readonly engine: Engine;
}

interface ResolveOptions {
  readonly engine: Engine;
  readonly locked: LockedProject;
  /** Answers to earlier prompts. */
  readonly answers: Answers | undefined;
}

export const noAnswers: Answers = { values: {}, saved: {}, confirmed: [] };

/** To find out what is missing before the project is locked. */
const beforeLock = { previousRunFailed: false, jobs: undefined };

/** Plans a run; prompts for missing values, and plans again with them. */
export async function resolvePlan(
  options: RunOptions,
  { engine, locked, answers: earlier = noAnswers }: ResolveOptions,
): Promise<ResolvedPlan> {
  const planWith = async (
    { values }: Pick<Answers, "values">,
    canWait = true,
  ): Promise<Omit<ResolvedPlan, "answers">> => {
    const { planner, matched } = await createPlanner(options, engine, locked);
    let hasWaited = false;
    const waitAside: WaitForOthers["waitAside"] = (waiting) => {
      hasWaited = true;
      return locked.releaseLockWhile(waiting);
    };
    const wait = { timeout: options.timeout, signal: locked.signal, waitAside };
    const context = { ...options, engine, ...(canWait && { wait }) };
    const plan = await planAcross(planner, values, context);
    // Other commands may have changed the project meanwhile.
    if (hasWaited) return planWith({ values }, false);
    return { plan: await checkPlanned(plan, options, engine), matched };
  };
  const first = await planWith(earlier);
  const { missing } = first.plan;
  const questions = openQuestions([first.plan], options.project, earlier);
  if (missing.length === 0 && questions.length === 0) return { ...first, answers: earlier };
  const answers = await locked.releaseLockWhile(async () => {
    const added = missing.length === 0 ? noAnswers : await prompt(missing, options.yes, engine);
    const { confirmOrCancel } = await import("../../../ui/prompts/prompts.ts");
    for (const question of questions) await confirmOrCancel({ ...question, yes: options.yes });
    return mergeAnswers(earlier, {
      ...added,
      confirmed: questions.map(({ question }) => question),
    });
  });
  await keepAnswers(options.project, answers.saved);
  // Other commands may have changed the project meanwhile.
  return { ...(await planWith(answers)), answers };
}

export function mergeAnswers(earlier: Answers, added: Answers): Answers {
  return {
    values: { ...earlier.values, ...added.values },
    saved: { ...earlier.saved, ...added.saved },
    confirmed: [...earlier.confirmed, ...added.confirmed],
  };
}

/**
 * Prompts for the missing values of several runs before the first one changes anything, once for each value. Runs on
 * nodes, which give some of the values, prompt for themselves.
 */
export async function promptForAll(all: readonly RunOptions[]): Promise<Answers> {
  const runs = all.filter(({ project }) => nodesOf(project.conf).length === 0);
  if (runs.length === 0) return noAnswers;
  const engine = await connectEngine();
  const plans = await Promise.all(
    runs.map(async (options) => {
      const { planner } = await createPlanner(options, engine, beforeLock);
      return planAcross(planner, noAnswers.values, { ...options, engine });
    }),
  );
  const missing = mergeMissing(plans.flatMap((plan) => plan.missing));
  if (missing.length === 0) return noAnswers;
  const yes = runs.some((options) => options.yes);
  const answers = await prompt(missing, yes, engine);
  for (const { project } of runs.slice(0, 1)) await keepAnswers(project, answers.saved);
  return answers;
}

/** Most runs have nothing to ask. */
export async function prompt(
  missing: readonly MissingVariable[],
  yes: boolean,
  engine: Engine,
): Promise<Answers> {
  const { promptForMissing } = await import("./prompt-missing.ts");
  return { ...noAnswers, ...(await promptForMissing(missing, yes, engine)) };
}

/** Plans a run with the values that are known, and asks nothing. */
export async function planOnce(options: RunOptions, engine: Engine): Promise<RunPlan> {
  const { planner } = await createPlanner(options, engine, beforeLock);
  const plan = await planAcross(planner, noAnswers.values, { ...options, engine });
  return checkPlanned(plan, options, engine);
}

/** Checks what takes further questions to the Engine. Most runs have nothing to start. */
export async function checkPlanned(
  plan: RunPlan,
  { project, neverBuild, isBeforeRenewal = false }: RunOptions,
  engine: Engine,
): Promise<RunPlan> {
  if (neverBuild) (await import("./require-built.ts")).requireBuilt(plan.steps);
  if (plan.steps.length > 0)
    await (
      await import("./check-starts.ts")
    ).checkStarts(plan.steps, { project, isBeforeRenewal }, engine);
  return plan;
}

/** Plans with what the DNS tells of other machines, where the conf is for several. */
async function planAcross(
  planner: Planner,
  values: Answers["values"],
  context: AcrossContext,
): Promise<RunPlan> {
  const isSpread = context.project.conf.instances.some(({ group }) => group !== undefined);
  if (!isSpread) return planner(values);
  const { planWithRegistered } = await import("./registered.ts");
  return planWithRegistered((registered) => planner(values, { registered }), context);
}
