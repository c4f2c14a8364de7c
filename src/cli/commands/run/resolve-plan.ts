import { withTrace } from "../../../ui/trace/trace.ts";
import { listListeningSockets } from "../../../runtime/host/listening-ports.ts";
import { digestFiles } from "../../../runtime/host/mounted-files.ts";
import { machineName } from "../../../runtime/host/engine-host.ts";
import { observe } from "../../../runtime/observe/observe.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { throwAll } from "../../../errors.ts";
import { imagesOf } from "../../../plan/resolve/images.ts";
import { mergeMissing, type MissingVariable } from "../../../plan/resolve/environment.ts";
import { nodesOf } from "../../../model/nodes.ts";
import type { Observed } from "../../../model/observed.ts";
import type { RegisteredZone } from "../../../model/registered.ts";
import { planRun, type RunPlan } from "../../../plan/run-plan.ts";
import { mountedPaths } from "../../../plan/describe/mounted-files.ts";
import { portConflictErrors, publishedPorts } from "../../../plan/checks/taken-ports.ts";
import { locateOrigin } from "../../../project/origin.ts";
import { readHostValues } from "../../../project/host-conf.ts";
import { openQuestions } from "./data-folder.ts";
import type { MatchedReceipt } from "../../common/receipts/match.ts";
import type { RunOptions } from "./options.ts";
import type { AcrossContext, WaitForOthers } from "./registered.ts";
import { buildSettings } from "../../common/build-settings.ts";
import { requireNoMissing } from "../../common/missing-values.ts";
import type { LockedProject } from "../../common/with-project-lock.ts";
import { connectEngine, withEngineNotice } from "../../common/context.ts";
import { hostInterfaces, readHostNetwork } from "../../../runtime/host/interfaces.ts";

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
    const added =
      missing.length === 0 ? noAnswers : await promptForMissing(missing, options.yes, engine);
    const { confirmOrCancel } = await import("../../../ui/prompts/prompts.ts");
    for (const question of questions) await confirmOrCancel({ ...question, yes: options.yes });
    return mergeAnswers(earlier, {
      ...added,
      confirmed: questions.map(({ question }) => question),
    });
  });
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
  return promptForMissing(missing, yes, engine);
}

export async function promptForMissing(
  missing: readonly MissingVariable[],
  yes: boolean,
  { local }: Engine,
): Promise<Answers> {
  const { canPrompt } = await import("../../../ui/prompts/prompts.ts");
  if (!canPrompt(yes)) await requireNoMissing(missing);
  const [{ askVariables }, { askToSaveAnswers }] = await Promise.all([
    import("../../../ui/prompts/ask-variables.ts"),
    import("../../../ui/prompts/missing-variables.ts"),
  ]);
  const values = await askVariables(missing, local ? hostInterfaces() : {});
  const saved = (await askToSaveAnswers(missing, yes)) ? values : {};
  return { values, saved, confirmed: [] };
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
  { project, neverBuild }: RunOptions,
  engine: Engine,
): Promise<RunPlan> {
  if (neverBuild) (await import("./require-built.ts")).requireBuilt(plan.steps);
  if (plan.steps.length > 0)
    await (await import("./check-starts.ts")).checkStarts(plan.steps, project, engine);
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

/** What is planned with besides what is observed: what the DNS has registered, or images that will be there. */
interface PlannedWith {
  readonly registered?: RegisteredZone | undefined;
  readonly images?: Observed["images"];
  /** What other machines show, too. */
  readonly observed?: Observed;
  /** In place of those of the options. */
  readonly machineVariables?: RunOptions["machineVariables"];
}

/** Plans with the values that are known so far. */
type Planner = (values: Answers["values"], others?: PlannedWith) => RunPlan;

export interface CreatedPlanner {
  readonly observed: Observed;
  readonly planner: Planner;
  readonly matched: MatchedReceipt | undefined;
}

/** Observes the Engine once, and compares it with the receipt of the call. */
export async function createPlanner(
  options: RunOptions,
  engine: Engine,
  { previousRunFailed, jobs }: Pick<LockedProject, "previousRunFailed" | "jobs">,
): Promise<CreatedPlanner> {
  const { project } = options;
  const receipt = options.receipt && (await import("./receipt.ts"));
  const [found, hostHostname, matched] = await withTrace("observe the Engine", () =>
    Promise.all([
      withEngineNotice(observe(engine, project, imagesOf(project))),
      machineName(engine),
      options.matched ?? receipt?.findTested(options, engine),
    ]),
  );
  const checkHidden =
    found.hiddenServices !== undefined &&
    (await import("../../common/hidden-services.ts")).hiddenCheck(found.hiddenServices, options);
  const observed = matched && receipt ? receipt.withTestedImages(found, matched) : found;
  const checkTested =
    matched &&
    (await (await import("./check-tested.ts")).testedCheck(matched, observed, options, engine));
  const host = engine.local ? readHostNetwork() : undefined;
  const files = digestFiles(mountedPaths(project, options.selections), project.folder);
  const planner: Planner = (values, others = {}) => {
    const { registered, observed: seen = observed, images = seen.images } = others;
    const { machineVariables = options.machineVariables } = others;
    const caller = { ...process.env, ...machineVariables };
    const hostConf = { ...readHostValues(project), ...values };
    const plan = planRun({
      ...options,
      observed: { ...seen, images, ...(registered && { registered }) },
      jobs,
      files,
      build: buildSettings({ cache: true, keepBundled: options.neverBuild }),
      previousRunFailed,
      hostHostname,
      hostAddresses: host?.addresses,
      remoteEngine: engine.local ? undefined : engine.endpoint,
      sources: { caller, interfaces: host?.interfaces, hostConf },
    });
    if (checkHidden) checkHidden(plan.steps);
    checkTested?.(plan);
    if (plan.missing.length === 0) checkPorts(plan, observed, options, engine);
    return plan;
  };
  return { observed, planner, matched };
}

/** Reports every port that is taken, before anything is built or stopped. */
function checkPorts(
  { steps }: RunPlan,
  { publishers }: Observed,
  { project }: RunOptions,
  { local }: Engine,
): void {
  const listeners = local ? listListeningSockets(publishedPorts(steps)) : [];
  const locate = (origin: string): string | undefined => locateOrigin(origin, process.env);
  throwAll(portConflictErrors(steps, { project, publishers, listeners, locate }));
}
