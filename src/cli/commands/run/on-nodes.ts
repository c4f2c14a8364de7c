import { mergeMissing } from "../../../plan/resolve/environment.ts";
import {
  differenceRemedy,
  differenceText,
  differingImages,
  type DifferingImage,
} from "../../../plan/nodes/differing-images.ts";
import { hasBuilder } from "../../../plan/nodes/builder.ts";
import { imagesAfterSending } from "../../../plan/nodes/images.ts";
import { mergeNodePlans } from "../../../plan/nodes/merge.ts";
import type { RunPlan } from "../../../plan/run-plan.ts";
import { confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { errorWith, ReynsError, ReynsErrors } from "../../../errors.ts";
import { connectAll, locateProject } from "../../common/context.ts";
import { oneEngineError } from "../../common/one-engine.ts";
import type { LockedProject } from "../../common/with-project-lock.ts";
import { mixedStoresWarnings } from "./mixed-stores.ts";
import type { NodeRun } from "./node-run.ts";
import { nodeRuns } from "./node-runs.ts";
import type { RunOptions } from "./options.ts";
import { withAssignedServices } from "./services-on-nodes.ts";
import type { TestedOnNodes, TestedRuns } from "./tested-on-nodes.ts";
import { spanNodes, type SpannedRun } from "./span-nodes.ts";
import {
  checkPlanned,
  mergeAnswers,
  prompt,
  noAnswers,
  type Answers,
  type EnginePlan,
} from "./resolve-plan.ts";
import { createPlanner, type CreatedPlanner } from "./create-planner.ts";
import { keepAnswers, openQuestions } from "./data-folder.ts";

type NodesLock = Pick<LockedProject, "previousRunFailed" | "jobs">;

/**
 * Plans a run on all nodes of the conf: each from what is there, then one plan of all. Prompts for missing values once.
 *
 * @returns undefined where the conf runs on one Engine
 */
export async function resolveOnNodes(
  options: RunOptions,
  locked: LockedProject,
  earlier: Answers = noAnswers,
): Promise<EnginePlan | undefined> {
  const found = await nodeRuns(options);
  if (!found) return undefined;
  const { runs, tested } = await withTested(found, options);
  const first = await planAll(runs, locked, earlier.values, tested);
  const missing = mergeMissing(first.flatMap(({ plan }) => plan.missing));
  const plans = first.map(({ plan }) => plan);
  const questions = openQuestions(plans, options.project, earlier);
  if (missing.length + questions.length === 0) return combine(first, options, earlier, tested);
  const answers = await locked.releaseLockWhile(async () => {
    const [builder] = runs;
    const added =
      missing.length > 0 && builder
        ? await prompt(missing, options.yes, builder.engine)
        : noAnswers;
    for (const question of questions) await confirmOrCancel({ ...question, yes: options.yes });
    return mergeAnswers(earlier, {
      ...added,
      confirmed: questions.map(({ question }) => question),
    });
  });
  await keepAnswers(options.project, answers.saved);
  // Meanwhile, anybody may have changed what was compared.
  const again = await withTested(found, options);
  const planned = await planAll(again.runs, locked, answers.values, again.tested);
  return combine(planned, options, answers, again.tested);
}

/**
 * The same for `plan`, which asks nothing.
 *
 * @param out the file that the plan is to be saved in
 */
export async function planOnNodes(
  options: RunOptions,
  out?: string,
): Promise<EnginePlan | undefined> {
  const found = await nodeRuns(options);
  if (!found) return undefined;
  if (out !== undefined) throw oneEngineError("out=", "leave it out to see the plan");
  const { runs, tested } = await withTested(found, options);
  const locked = { previousRunFailed: false, jobs: undefined };
  return combine(await planAll(runs, locked, {}, tested), options, noAnswers, tested);
}

async function withTested(runs: readonly NodeRun[], options: RunOptions): Promise<TestedRuns> {
  const { receipt } = options;
  if (!receipt) return { runs, tested: undefined };
  return (await import("./tested-on-nodes.ts")).compareRuns(runs, options, receipt);
}

interface PlannedNode {
  readonly run: NodeRun;
  readonly planner: CreatedPlanner;
  readonly plan: RunPlan;
  readonly spanned: SpannedRun | undefined;
}

/**
 * The images of the first node are planned with on the others: they are sent there before anything starts. Without that
 * node, each keeps its own.
 */
async function planAll(
  runs: readonly NodeRun[],
  locked: NodesLock,
  values: Answers["values"],
  tested: TestedOnNodes | undefined,
): Promise<readonly PlannedNode[]> {
  const created = await Promise.all(
    runs.map((run) => onNode(run, () => createPlanner(run.options, run.engine, locked))),
  );
  const planners = withAssignedServices(runs, created);
  const [builder] = planners;
  const spanned = await spanNodes(runs, planners);
  const named = runs.map((run) => ({ node: run.node.name }));
  const planned = await Promise.all(
    runs.map((run, index) =>
      onNode(run, async () => {
        const planner = planners[index] ?? builder;
        if (!planner || !builder) throw new Error("a run without a node");
        const [{ project }, own] = [run.options, planner.observed.images];
        const isSent = !tested && hasBuilder(named, project);
        const images = isSent
          ? imagesAfterSending(project, own, builder.observed.images)
          : new Map([...(tested?.source ?? []), ...own]);
        const { observed } = planner;
        const shared = spanned?.planWith(run.node, index);
        const plan = planner.planner(values, { images, observed, ...shared });
        return { run, planner, spanned, plan: await checkPlanned(plan, run.options, run.engine) };
      }),
    ),
  );
  spanned?.checkStarts(
    planned.map(({ run, plan }) => ({ node: run.node.name, steps: plan.steps })),
  );
  return planned;
}

/** Mistakes that have no place in the definition say which machine they are about. */
async function onNode<Value>({ node }: NodeRun, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    const named = (one: ReynsError): ReynsError =>
      one.at === undefined ? errorWith(one, { message: `${node.name}: ${one.message}` }) : one;
    if (error instanceof ReynsErrors) throw new ReynsErrors(error.errors.map(named));
    throw error instanceof ReynsError ? named(error) : error;
  }
}

/** What is built is sent: the plan says so. */
function differenceWarning(differing: DifferingImage): string[] {
  if (differing.isBuilt) return [];
  return [`${differenceText(differing)}; to run the newest: ${differenceRemedy(differing)}`];
}

async function combine(
  planned: readonly PlannedNode[],
  { project }: RunOptions,
  answers: Answers,
  tested: TestedOnNodes | undefined,
): Promise<EnginePlan | undefined> {
  const engine = await connectAll(await locateProject());
  const [first] = planned;
  if (!first) return undefined;
  const plans = planned.map(({ plan }) => plan);
  const parts = planned.map(({ run, plan, planner }) => ({
    node: run.node.name,
    steps: plan.steps,
    images: planner.observed.images,
  }));
  const steps = mergeNodePlans(parts, project, { spanning: first.spanned?.spanning, tested });
  const runs = planned.map(({ run }) => run);
  const all = <Key extends "unchanged" | "starts" | "orphans" | "lostData" | "existing">(
    key: Key,
  ): RunPlan[Key] =>
    plans.flatMap((plan) => plan[key] as readonly unknown[]) as unknown as RunPlan[Key];
  return {
    engine,
    answers,
    matched: tested?.matched,
    plan: {
      steps,
      warnings: [
        ...new Set(plans.flatMap(({ warnings }) => warnings)),
        ...(await mixedStoresWarnings(steps, runs)),
        ...(tested ? [] : differingImages(parts, project).flatMap(differenceWarning)),
      ],
      missing: mergeMissing(plans.flatMap(({ missing }) => missing)),
      changes: new Map(plans.flatMap(({ changes }) => [...changes])),
      defined: first.plan.defined,
      dns: undefined,
      unchanged: all("unchanged"),
      starts: all("starts"),
      orphans: all("orphans"),
      lostData: all("lostData"),
      existing: all("existing"),
    },
  };
}
