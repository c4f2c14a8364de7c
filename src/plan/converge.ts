import { changedParts } from "./changed-parts.ts";
import { describeAll, type RunContext } from "./describe/describe-all.ts";
import type { DescribedStart } from "./describe/described-start.ts";
import { isDone, isRunning, type ObservedInstance } from "../model/observed.ts";
import type { Action } from "./resolve/placement.ts";
import type { SelectedInstance } from "./select/selection.ts";

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
  readonly subnet: string;
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
  const decide = (instance: SelectedInstance, existing: ObservedInstance | undefined): Decision => {
    const decision = actionByState(instance, existing, context);
    const changed = changes.get(instance.host) ?? [];
    const isKept = context.keep || (decision.action === "keep" && instance.properties.interactive);
    if (changed.length === 0 || isKept || !["keep", "restart"].includes(decision.action))
      return decision;
    return { action: "replace", reason: `changed: ${changed.join(", ")}` };
  };
  const described = describeAll(selected, {
    ...context,
    actionFor: (instance, existing) => decide(instance, existing).action,
  });
  return described.map((instance) => {
    const { placed, step } = instance;
    const { reason } = decide(placed.selected, placed.existing);
    return { ...instance, reason, changes: changes.get(step.host) ?? [] };
  });
}

interface Decision {
  readonly action: Action;
  readonly reason: string;
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
  if (isDone(existing)) return doneJob(selected);
  const { state, address } = existing;
  const isLost = observed.subnet === undefined || address === undefined;
  if (isLost && !properties.nethost)
    return { action: "replace", reason: "not in the project's network" };
  if (state === "restarting") return { action: "replace", reason: "it ends again and again" };
  if (isRunning(existing)) return { action: "keep", reason: "runs already" };
  if (existing.isJob) return { action: "replace", reason: `failed (${existing.exitCode ?? "?"})` };
  // A temporary volume is empty at each start, and a container that never started may be half-made.
  const startsAnew = existing.temporaryVolume !== undefined || state !== "exited";
  return { action: startsAnew ? "replace" : "restart", reason: state };
}

/** A job that has succeeded runs again when it is named, or always does. */
function doneJob({ selectedBy, definition }: SelectedInstance): Decision {
  if (selectedBy === "name") return { action: "replace", reason: "named" };
  if (definition.job?.always) return { action: "replace", reason: "always" };
  return { action: "keep", reason: "done" };
}

function changesOf({ placed, step, missing }: DescribedStart, { observed }: RunContext): string[] {
  if (!placed.existing) return [];
  const names = missing.map(({ name }) => name);
  const { env } = placed.selected.definition;
  const isDefined = (variable: string): boolean => Object.hasOwn(env, variable);
  return changedParts(placed.existing, step, { observed, missing: names, isDefined });
}
