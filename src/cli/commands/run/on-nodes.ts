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
import { isOn, selectionErrors } from "../../../plan/nodes/selections.ts";
import { valuesOnNode } from "../../../plan/nodes/values.ts";
import type { RunPlan } from "../../../plan/run-plan.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { errorWith, ReynsError, ReynsErrors, throwAll } from "../../../errors.ts";
import { nodesOf, type ProjectNode } from "../../../model/nodes.ts";
import type { Project } from "../../../model/project.ts";
import { connectAll, locateProject } from "../../common/context.ts";
import { useNodesOf } from "../../common/nodes.ts";
import { oneEngineError } from "../../common/one-engine.ts";
import type { LockedProject } from "../../common/with-project-lock.ts";
import { mixedStoresWarnings } from "./mixed-stores.ts";
import type { NodeRun } from "./node-run.ts";
import type { RunOptions } from "./options.ts";
import { withAssignedServices, withServicesOnNodes } from "./services-on-nodes.ts";
import { spanNodes, type SpannedRun } from "./span-nodes.ts";
import {
  checkPlanned,
  createPlanner,
  mergeAnswers,
  noAnswers,
  promptForMissing,
  type Answers,
  type CreatedPlanner,
  type ResolvedPlan,
} from "./resolve-plan.ts";
import { openQuestions } from "./data-folder.ts";

interface FleetPlan extends ResolvedPlan {
  readonly engine: Engine;
}

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
): Promise<FleetPlan | undefined> {
  const runs = await nodeRuns(options);
  if (!runs) return undefined;
  const first = await planAll(runs, locked, earlier.values);
  const missing = mergeMissing(first.flatMap(({ plan }) => plan.missing));
  const plans = first.map(({ plan }) => plan);
  const questions = openQuestions(plans, options.project, earlier);
  if (missing.length + questions.length === 0) return combine(first, options.project, earlier);
  const answers = await locked.releaseLockWhile(async () => {
    const [builder] = runs;
    const added =
      missing.length > 0 && builder
        ? await promptForMissing(missing, options.yes, builder.engine)
        : noAnswers;
    for (const question of questions) await confirmOrCancel({ ...question, yes: options.yes });
    return mergeAnswers(earlier, {
      ...added,
      confirmed: questions.map(({ question }) => question),
    });
  });
  return combine(await planAll(runs, locked, answers.values), options.project, answers);
}

/**
 * The same for `plan`, which asks nothing.
 *
 * @param out the file that the plan is to be saved in
 */
export async function planOnNodes(
  options: RunOptions,
  out?: string,
): Promise<FleetPlan | undefined> {
  const runs = await nodeRuns(options);
  if (!runs) return undefined;
  if (out !== undefined) throw oneEngineError("out=", "leave it out to see the plan");
  const plans = await planAll(runs, { previousRunFailed: false, jobs: undefined }, {});
  return combine(plans, options.project, noAnswers);
}

/** @returns undefined where the conf runs on one Engine */
export async function nodeRuns(options: RunOptions): Promise<readonly NodeRun[] | undefined> {
  const { selections } = options;
  const nodes = nodesOf(options.project.conf);
  if (nodes.length === 0) return undefined;
  useNodesOf(options.project.conf);
  const { fleet } = await connectAll(await locateProject());
  if (!fleet) throw notFoundError(nodes);
  refuseUnsupported(options);
  const settled = await withServicesOnNodes(options, { members: fleet.members, nodes });
  const { project } = settled;
  const connected = fleet.members.map(({ name }) => name);
  const all = nodes.map(({ name }) => name);
  throwAll(selectionErrors(selections, project, { connected, all }));
  return fleet.members.map(({ name, engine }) => {
    const node = nodes.find((one) => one.name === name);
    if (!node) throw new Error(`${name} is no node of the conf`);
    return {
      node,
      engine,
      options: {
        ...settled,
        leavesServices: connected.length < all.length,
        selections: selections
          .filter((one) => isOn(one, name, project))
          .map((one) => ({ ...one, group: name })),
        machineVariables: valuesOnNode(project, node, nodes),
      },
    };
  });
}

/** Commands such as `ps` look for `node(` in the script, and only then read the definition. */
function notFoundError(nodes: readonly ProjectNode[]): ReynsError {
  const names = nodes.map(({ name }) => name).join(", ");
  return new ReynsError("INVALID_PROJECT", `other commands would not find the nodes ${names}`, {
    hint: "call node() in the reyns.ts itself, under this name",
    at: nodes[0]?.at,
  });
}

/** What a call about one container, or one Engine, cannot mean. */
function refuseUnsupported({ selections, savedPlan, receipt, onPlan }: RunOptions): void {
  const what = [
    selections.some(({ oneOff }) => oneOff !== undefined) && "a command after --",
    savedPlan && "plan=",
    receipt && "receipt=",
    onPlan && "attach",
  ].find(Boolean);
  if (!what) return;
  throw oneEngineError(what, "use a conf without groups of nodes");
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
): Promise<readonly PlannedNode[]> {
  const created = await Promise.all(
    runs.map((run) => onNode(run, () => createPlanner(run.options, run.engine, locked))),
  );
  const planners = withAssignedServices(runs, created);
  const [builder] = planners;
  const spanned = await spanNodes(runs, planners);
  const named = runs.map((run) => ({ node: run.node.name }));
  return Promise.all(
    runs.map((run, index) =>
      onNode(run, async () => {
        const planner = planners[index] ?? builder;
        if (!planner || !builder) throw new Error("a run without a node");
        const { project } = run.options;
        const own = planner.observed.images;
        const images = hasBuilder(named, project)
          ? imagesAfterSending(project, own, builder.observed.images)
          : own;
        const { observed } = planner;
        const shared = spanned?.planWith(run.node, index);
        const plan = planner.planner(values, { images, observed, ...shared });
        return { run, planner, spanned, plan: await checkPlanned(plan, run.options, run.engine) };
      }),
    ),
  );
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
  project: Project,
  answers: Answers,
): Promise<FleetPlan | undefined> {
  const engine = await connectAll(await locateProject());
  const [first] = planned;
  if (!first) return undefined;
  const plans = planned.map(({ plan }) => plan);
  const parts = planned.map(({ run, plan, planner }) => ({
    node: run.node.name,
    steps: plan.steps,
    images: planner.observed.images,
  }));
  const steps = mergeNodePlans(parts, project, first.spanned?.spanning);
  const runs = planned.map(({ run }) => run);
  const all = <Key extends "unchanged" | "starts" | "orphans" | "lostData" | "existing">(
    key: Key,
  ): RunPlan[Key] =>
    plans.flatMap((plan) => plan[key] as readonly unknown[]) as unknown as RunPlan[Key];
  return {
    engine,
    answers,
    matched: undefined,
    plan: {
      steps,
      warnings: [
        ...new Set(plans.flatMap(({ warnings }) => warnings)),
        ...(await mixedStoresWarnings(steps, runs)),
        ...differingImages(parts, project).flatMap(differenceWarning),
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
