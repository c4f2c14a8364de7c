import type { BuildSettings } from "./build-plan.ts";
import { changedParts } from "./changed-parts.ts";
import { describeAll, isSequential, type RunContext } from "./describe/describe-all.ts";
import type { DescribedStart } from "./describe/described-start.ts";
import { folderPart } from "./moved-mounts.ts";
import { recordedRegistration } from "./departure.ts";
import { recordedReadiness } from "./lifecycle-plan.ts";
import { isDone, isRunning, type ObservedInstance } from "../model/observed.ts";
import { findProblem, problemTexts } from "../model/problems.ts";
import { decideService, followSharedNetworks, type Decision } from "./decisions.ts";
import { isInOwnNetwork, type PlannedNetworks } from "./resolve/networks.ts";
import { partsOfVariables } from "./resolve/secret-files.ts";
import { isOutdatedRouter } from "./router/configure.ts";
import { pointsTo } from "./select/match.ts";
import { inOrder } from "./handover/start-beside.ts";
import type { SelectedInstance } from "./select/selection.ts";
import type { StartInstance } from "../model/steps.ts";

/** How a run treats instances that have a container already. */
export interface ConvergeOptions {
  /** Replace the named instances, whether they have changed or not. */
  readonly recreate: boolean;
  /** Leave changed instances as they are; start only those that are missing or stopped. */
  readonly keep: boolean;
}

/** A described instance, and why its action was chosen. */
export interface Decided extends DescribedStart {
  readonly reason: string;
  /** Parts of its definition that differ from the container. */
  readonly changes: readonly string[];
}

interface ConvergeContext extends RunContext, ConvergeOptions {
  readonly networks: PlannedNetworks;
  readonly build: Pick<BuildSettings, "assets">;
}

/**
 * Decides for each selected instance what has to happen: create it, replace it, start it again, or keep it. Nothing
 * that matches its definition is touched.
 */
export function converge(
  selected: readonly SelectedInstance[],
  context: ConvergeContext,
): Decided[] {
  // As if nothing had changed: what differs then is a change.
  const compared = describeAll(selected, {
    ...context,
    actionFor: (instance, existing) => actionByState(instance, existing, context).action,
    strictSequence: true,
  });
  const changes = new Map(
    compared.map((described) => [described.step.host, changesOf(described, context)]),
  );
  const decisions = decideAll(compared, changes, context);
  const isSettled = compared.every(
    ({ placed }) => decisions.get(placed.selected.host)?.action === placed.action,
  );
  // Describing takes half of the time of a plan; in a sequence, the comparison is stricter.
  const described =
    isSettled && !isSequential(context)
      ? compared
      : describeAll(selected, {
          ...context,
          actionFor: ({ host }) => decisions.get(host)?.action ?? "create",
        });
  const decided = described.map((instance) => {
    const { host } = instance.step;
    const { reason = "", awaitsEnd, keepsTasks } = decisions.get(host) ?? {};
    const parts = changes.get(host) ?? [];
    return {
      ...instance,
      step: {
        ...(parts.length > 0 ? asItRuns(instance) : instance.step),
        ...(awaitsEnd && { awaitsEnd }),
        ...(keepsTasks && { keepsTasks }),
      },
      reason,
      changes: parts,
    };
  });
  return inOrder(decided, {
    networks: context.observed.networks ?? [],
    isNetworkReplaced: (existing) => replacedNetwork(existing, context) !== undefined,
  });
}

/** A changed instance that keeps its container is ready, and registered, as that one was defined. */
function asItRuns({ placed: { existing, action }, step }: DescribedStart): StartInstance {
  if (!existing || action === "create" || action === "replace") return step;
  return { ...step, ready: recordedReadiness(existing), register: recordedRegistration(existing) };
}

/** Decides by state and changes, then restarts what wants to be restarted after something that is replaced. */
function decideAll(
  compared: readonly DescribedStart[],
  changes: ReadonlyMap<string, readonly string[]>,
  context: ConvergeContext,
): Map<string, Decision> {
  const decided = compared.map(({ placed: { selected, existing } }) => {
    const changed = changes.get(selected.host) ?? [];
    const isUp = existing !== undefined && isRunning(existing);
    const decision =
      replacedNetwork(existing, context) ?? decide(selected, existing, changed, context);
    return { selected, isUp, decision };
  });
  const replaced = decided
    .filter(({ decision }) => decision.action === "replace" && !decision.keepsTasks)
    .map(({ selected }) => selected);
  const decisions = new Map(
    decided.map(({ selected, isUp, decision }) => {
      const isKept = isUp && decision.action === "keep";
      const cause = isKept ? replacedTarget(selected, replaced) : undefined;
      const restart: Decision = { action: "restart", reason: `${cause ?? ""} is replaced` };
      return [selected.host, cause === undefined ? decision : restart];
    }),
  );
  return followSharedNetworks(decisions, compared);
}

/** A network that is made anew takes its instances along, but for jobs that are done. */
function replacedNetwork(
  existing: ObservedInstance | undefined,
  { networks }: ConvergeContext,
): Decision | undefined {
  if (!existing || isDone(existing)) return undefined;
  const endpoints = new Set(existing.networks?.map(({ name }) => name));
  const network = [...networks.values()].find(
    ({ name, isReplaced }) => isReplaced && endpoints.has(name),
  );
  return network && { action: "replace", reason: `the network ${network.key} is replaced` };
}

function decide(
  selected: SelectedInstance,
  existing: ObservedInstance | undefined,
  changed: readonly string[],
  context: ConvergeContext,
): Decision {
  const decision = actionByState(selected, existing, context);
  const { action } = decision;
  // Somebody may be working in its terminal.
  const isInUse = selected.properties.interactive || existing?.isAttached === true;
  const isKept = context.keep || (["keep", "resume"].includes(action) && isInUse);
  if (changed.length === 0 || isKept || !["keep", "restart", "resume"].includes(action))
    return decision;
  const reason = changeReason(changed);
  if (isAtWork(selected, existing))
    return { action: "replace", reason: `once it has ended; ${reason}`, awaitsEnd: true };
  const keepsTasks = action === "keep" && changed.every((part) => part === "swarm");
  return { action: "replace", reason, ...(keepsTasks && { keepsTasks }) };
}

/** A job is not stopped half-way, unless the call names it. */
function isAtWork({ selectedBy }: SelectedInstance, existing?: ObservedInstance): boolean {
  return existing?.isJob === true && existing.state === "running" && selectedBy !== "name";
}

/** The host name of an instance that is replaced and that this one wants to be restarted after. */
function replacedTarget(
  { definition }: SelectedInstance,
  replaced: readonly SelectedInstance[],
): string | undefined {
  const targets = definition.restartAfter ?? [];
  return replaced.find(({ service, instance }) =>
    targets.some((target) => pointsTo(target, service, instance)),
  )?.host;
}

/** What the state of its container alone asks for. */
function actionByState(
  selected: SelectedInstance,
  existing: ObservedInstance | undefined,
  { recreate, observed }: ConvergeContext,
): Decision {
  const { selectedBy, properties } = selected;
  if (!existing) return { action: "create", reason: "not there yet" };
  if (recreate && selectedBy !== "dependency") return { action: "replace", reason: "rerun" };
  const ofService = decideService(selected, existing);
  if (ofService) return ofService;
  if (isDone(existing)) return doneJob(selected);
  const { state } = existing;
  const isNetworkLost = observed.subnet === undefined && isInOwnNetwork(selected);
  const problem = isNetworkLost ? "disconnected" : findProblem(existing);
  if (problem === "disconnected" && !properties.nethost)
    return { action: "replace", reason: problemTexts.disconnected };
  if (state === "restarting") return { action: "replace", reason: "it ends again and again" };
  if (problem === "paused" || problem === "renamed")
    return { action: "resume", reason: problemTexts[problem] };
  if (isRunning(existing)) return { action: "keep", reason: "runs already" };
  if (existing.isJob) return { action: "replace", reason: `failed (${existing.exitCode ?? "?"})` };
  // A temporary volume is empty at each start, a container that never started may be half-made, and one that ended
  // while its predecessor was still there was never ready.
  const isHalfReplaced = existing.predecessor !== undefined;
  const startsAnew = existing.temporaryVolume !== undefined || isHalfReplaced || state !== "exited";
  return { action: startsAnew ? "replace" : "restart", reason: state };
}

/** A job that has succeeded runs again when it is named, or always does. */
function doneJob({ selectedBy, definition }: SelectedInstance): Decision {
  if (selectedBy === "name") return { action: "replace", reason: "named" };
  if (definition.job?.always) return { action: "replace", reason: "always" };
  return { action: "keep", reason: "done" };
}

function changeReason(changed: readonly string[]): string {
  const isMoveOnly = changed.every((part) => part === folderPart);
  return isMoveOnly ? "the project's folder has moved" : `changed: ${changed.join(", ")}`;
}

function changesOf(described: DescribedStart, context: ConvergeContext): string[] {
  const { placed, step, missing } = described;
  const { project, observed } = context;
  if (!placed.existing) return [];
  const { env, secrets } = placed.selected.definition;
  const names = missing.map(({ name }) => name);
  const isDefined = (variable: string): boolean => Object.hasOwn(env, variable);
  const parts = changedParts(placed.existing, step, {
    project,
    observed,
    missing: partsOfVariables(names, secrets),
    isDefined,
  });
  return isOutdatedRouter(described, context) ? [...parts, "newer image"] : parts;
}
