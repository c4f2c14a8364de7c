import type { InstanceJson } from "../../../ui/views/instance-json.ts";
import { log } from "../../../ui/output/log.ts";
import { print } from "../../../ui/output/print.ts";
import { observeContainers } from "../../../runtime/observe/containers.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { hasCode, ReynsError, ReynsErrors, throwAll } from "../../../errors.ts";
import { parseLabel } from "../../../model/labels.ts";
import type { Ready } from "../../../model/readiness.ts";
import { keysFolder } from "../../../model/resource-names.ts";
import type { Project, PullPolicy } from "../../../model/project.ts";
import { isRunning, type ObservedInstance } from "../../../model/observed.ts";
import type { StartInstance } from "../../../model/steps.ts";
import { isCopy } from "../../../model/copy-origin.ts";
import { summarizeList } from "../../../lib/summarize-list.ts";
import type { RunPlan } from "../../../plan/run-plan.ts";
import { exposedHostConf } from "../../../project/host-conf.ts";
import { claimDataFolderIfNeeded, saveAnswers } from "./data-folder.ts";
import type { LockedProject } from "../../common/with-project-lock.ts";
import type { RunOptions } from "./options.ts";
import { warnOfOutdatedImages } from "./outdated-images.ts";
import { reportUnchanged } from "./report-unchanged.ts";
import { resolvePlan, type Answers, type EnginePlan, type ResolvedPlan } from "./resolve-plan.ts";
import { applyPlan } from "../../common/apply-plan.ts";
import { recordDefined } from "../../common/record-expected.ts";
import { connectEngine } from "../../common/context.ts";

export interface RunResult {
  readonly status: number;
  /**
   * The selected instances that run now; looked up for `json` only. Undefined after a command, or a terminal, to which
   * standard output belongs.
   */
  readonly instances: readonly InstanceJson[] | undefined;
}

/**
 * Plans a run, prompts for missing values, applies the plan and prints the instances that it started.
 *
 * @param answers values that have been prompted for already
 */
export async function runInstances(
  options: RunOptions,
  locked: LockedProject,
  answers?: Answers,
): Promise<RunResult> {
  const { project, isPlannedAgain = false } = options;
  const { engine, ...resolved } =
    (await resolveOnNodes(options, locked, answers)) ??
    (await resolveHere(options, locked, answers));
  const plan = await checkedPlan(resolved, options);
  if (!isPlannedAgain) reportWarnings(plan, project);
  if (!isPlannedAgain && !resolved.matched) await warnOfOutdatedImages(project, plan, engine);
  const interactive = await prepareStarts(plan, options, engine);
  const isPlain = options.onPlan !== undefined;
  const isAtOnce = isPlain || interactive !== undefined;
  const reportAtEnd = reportUnchanged(plan, { isAtOnce, isPlannedAgain });
  if (!isPlannedAgain) reportOrphans(plan, options);
  await prepareChanges(plan, resolved.answers, options);
  if (options.onPlan) {
    if (interactive) throw attachedTwice(interactive);
    await options.onPlan(plan);
  }
  if (interactive) {
    const { runAttachedToTerminal } = await import("./attach-terminal.ts");
    const context = { locked, place: project };
    const status = await runAttachedToTerminal(interactive, plan, engine, context);
    return { status, instances: undefined };
  }
  try {
    const { stopTimeout } = options;
    await applyPlan(plan.steps, engine, { locked, place: project, isPlain, stopTimeout });
  } catch (error) {
    const again = { ...options, isPlannedAgain: true };
    if (canPlanAgain(error, options)) return runInstances(again, locked, resolved.answers);
    reportAtEnd(false);
    throw error;
  }
  reportAtEnd(true);
  if (isPlain) return { status: 0, instances: [] };
  return { status: 0, instances: await reportStarted(options, engine, plan) };
}

function reportWarnings({ warnings }: RunPlan, { folder }: Project): void {
  for (const warning of [...warnings, exposedHostConf(folder)])
    if (warning !== undefined) log.warn(warning);
}

/** No prompt comes after this: from here on things change. */
async function prepareChanges(
  plan: RunPlan,
  { saved }: Answers,
  { project, selections }: RunOptions,
): Promise<void> {
  if (selections.every(({ oneOff }) => oneOff === undefined)) recordDefined(project, plan);
  if (isCopy(project)) (await import("./begin-copy.ts")).beginCopy(project, plan);
  await saveAnswers(project, saved);
  claimDataFolderIfNeeded(plan, project);
  if (plan.starts.length > 0) await ensureKeysOf(project);
}

/**
 * The plan for the nodes of the conf; undefined where it has none.
 *
 * A run that renews images is planned before that as well: it prompts, and reports mistakes, before a build that can take
 * long. Only what a newer image asks for comes after it.
 */
async function resolveOnNodes(
  options: RunOptions,
  locked: LockedProject,
  answers: Answers | undefined,
): Promise<EnginePlan | undefined> {
  if (!options.project.conf.nodes) return undefined;
  const { resolveOnNodes: resolve } = await import("./on-nodes.ts");
  const isBeforeRenewal = isRenewalAsked(options);
  const resolved = await resolve({ ...options, isBeforeRenewal }, locked, answers);
  if (!resolved || !isBeforeRenewal) return resolved;
  await (await import("./renew-on-nodes.ts")).renewOnNodes(options, locked);
  return resolve(options, locked, resolved.answers);
}

async function resolveHere(
  options: RunOptions,
  locked: LockedProject,
  answers: Answers | undefined,
): Promise<EnginePlan> {
  const engine = await connectEngine();
  const isBeforeRenewal = isRenewalAsked(options);
  const first = { ...options, isBeforeRenewal };
  const resolved = await resolvePlan(first, { engine, locked, answers });
  if (!isBeforeRenewal) return { engine, ...resolved };
  await (await import("./renew-images.ts")).renewImages(options, engine, locked);
  const known = { engine, locked, answers: resolved.answers };
  return { engine, ...(await resolvePlan(options, known)) };
}

/** Once, where somebody else has changed what the plan was made from. */
function canPlanAgain(error: unknown, { isPlannedAgain, savedPlan, onPlan }: RunOptions): boolean {
  if (isPlannedAgain || savedPlan || onPlan) return false;
  const errors = error instanceof ReynsErrors ? error.errors : [error];
  return errors.every((one) => hasCode(one, "PLAN_OUTDATED"));
}

/** The plan, if it is the saved one. With a receipt, containers are created from the ids of its images. */
async function checkedPlan(
  { plan, matched }: ResolvedPlan,
  { savedPlan, project }: RunOptions,
): Promise<RunPlan> {
  if (savedPlan) (await import("./plan-file.ts")).checkPlan(savedPlan, project, plan.steps);
  if (!matched) return plan;
  const { pinImages } = await import("./receipt.ts");
  return { ...plan, steps: pinImages(plan.steps, matched) };
}

/** @returns the instance that takes over this terminal, if there is one */
async function prepareStarts(
  plan: RunPlan,
  { project, isPlannedAgain }: RunOptions,
  { local }: Engine,
): Promise<StartInstance | undefined> {
  if (plan.steps.length === 0) return undefined;
  const [{ noteNewFolders }, { interactiveStart }] = await Promise.all([
    import("./mount-sources.ts"),
    import("./interactive.ts"),
  ]);
  if (local && !isPlannedAgain) noteNewFolders(plan.steps, project);
  return interactiveStart(plan);
}

async function ensureKeysOf(project: Project): Promise<void> {
  const { ensureKeys } = await import("../../../runtime/keys/store.ts");
  await ensureKeys(keysFolder(project));
}

function attachedTwice({ host }: StartInstance): ReynsError {
  const hint = "leave out attach, or write interactive=false";
  const message = `${host} is interactive: it is attached to this terminal by itself`;
  return new ReynsError("INVALID_VALUE", message, { hint });
}

/** A saved plan has its own pulls, and a receipt its own images. A run that plans again has renewed them already. */
function isRenewalAsked(options: RunOptions): boolean {
  const { buildFirst, pullFirst, savedPlan, receipt, isPlannedAgain } = options;
  if (savedPlan || receipt || isPlannedAgain) return false;
  const { instances } = options.project.conf;
  return buildFirst || pullFirst || instances.some(({ pullPolicy }) => renewed.has(pullPolicy));
}

/** The policies that get an image at each run. */
const renewed = new Set<PullPolicy | undefined>(["always", "build"]);

function reportOrphans({ orphans }: RunPlan, { prune }: RunOptions): void {
  if (orphans.length === 0 || prune) return;
  const hosts = summarizeList(
    orphans.map(({ host }) => host),
    8,
  );
  log.warn(`no longer defined, and left alone: ${hosts}; add prune=true to remove them`);
}

/** Prints the started instances. An instance whose command fails at once can still have been ready for a moment. */
async function reportStarted(
  { project, json }: RunOptions,
  engine: Engine,
  { starts, unchanged }: RunPlan,
): Promise<InstanceJson[]> {
  if (!json && starts.length === 0) return [];
  const { name } = project;
  const observed = await observeContainers(engine, project, async () => name);
  const { instances } = observed;
  const started = instances.filter(({ host }) => starts.includes(host));
  if (!json) print((await import("../../../ui/views/instances.ts")).formatInstances(started));
  const failed = started.filter(hasFailed);
  if (failed.length > 0) {
    const { exitedError } = await import("./exited-error.ts");
    throwAll(await Promise.all(failed.map((instance) => exitedError(engine, instance))));
  }
  if (!json) return [];
  const { instancesToJson } = await import("../../common/instances-json.ts");
  const selected = new Set([...starts, ...unchanged.map(({ host }) => host)]);
  return instancesToJson(
    instances.filter(({ host }) => selected.has(host)),
    { ...observed, engine, place: project },
  );
}

/** What counts as ready at once may also end at once, with status 0: a Compose file may have it for that. */
function hasFailed(instance: ObservedInstance): boolean {
  if (isRunning(instance) || instance.isJob) return false;
  const ready = parseLabel<Ready>(instance.readiness);
  const isReadyAtOnce = ready?.kind === "check" && ready.check.kind === "started";
  return instance.exitCode !== 0 || !isReadyAtOnce;
}
