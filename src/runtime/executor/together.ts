import type { Engine } from "../../docker/client/engine.ts";
import {
  inspectContainer,
  removeContainer,
  renameContainer,
  startContainer,
  stopContainer,
} from "../../docker/containers/containers.ts";
import { ReynsError, withOutcome } from "../../errors.ts";
import type { StartInstance, Step } from "../../model/steps.ts";
import { contextOf } from "../context.ts";
import { completeRestored } from "../instances/replace.ts";
import { collectErrors, type Execution, type StepResult } from "./execution.ts";

/** Instances that exchange ports, or are in a network that is made anew: all of them are replaced, or none. */
interface Together {
  readonly starts: readonly StartInstance[];
  /** The steps that stop what they replace. */
  readonly asides: readonly Step[];
}

/**
 * Waits for the instances of a plan that are replaced together, and then removes their former containers, or, if one of
 * them did not become ready, brings all of these back.
 */
export async function settleTogether(
  steps: readonly Step[],
  resultOf: (id: string) => Promise<StepResult>,
  execution: Execution,
): Promise<void> {
  await Promise.all(
    groupsOf(steps).map((group) => {
      const settling = settle(group, resultOf, execution);
      void holdOnceBegun(group, settling, resultOf, execution);
      return settling;
    }),
  );
}

function groupsOf(steps: readonly Step[]): Together[] {
  const starts = steps.filter((step) => step.kind === "start-instance");
  const names = new Set(starts.flatMap(({ together }) => together ?? []));
  return [...names].map((name) => ({
    starts: starts.filter(({ together }) => together === name),
    asides: steps.filter(
      (step) =>
        (step.kind === "set-aside" || step.kind === "create-network") && step.together === name,
    ),
  }));
}

/** From the first stop on, nothing of the group may be left as it is. */
async function holdOnceBegun(
  { asides }: Together,
  settling: Promise<void>,
  resultOf: (id: string) => Promise<StepResult>,
  { context }: Execution,
): Promise<void> {
  const results = await Promise.all(asides.map(({ id }) => resultOf(id)));
  if (results.some((result) => result !== "skipped")) context.holdProcess?.(settling);
}

async function settle(
  group: Together,
  resultOf: (id: string) => Promise<StepResult>,
  execution: Execution,
): Promise<void> {
  const { starts, asides } = group;
  const results = await Promise.all(starts.map(({ id }) => resultOf(id)));
  const stopped = await Promise.all(asides.map(({ id }) => resultOf(id)));
  if ([...results, ...stopped].every((result) => result === "skipped")) return;
  const [first] = starts;
  const own = first ? { ...execution, context: contextOf(execution.context, first) } : execution;
  const { engine } = own.context;
  try {
    if (results.every((result) => result === "done")) return await removeFormer(starts, engine);
    const begun = starts.filter((_, index) => results[index] !== "skipped");
    await bringBack(group, begun, own);
  } catch (error) {
    if (first) collectErrors(error, first, execution);
  }
}

async function removeFormer(starts: readonly StartInstance[], engine: Engine): Promise<void> {
  for (const { predecessor } of starts)
    if (predecessor !== undefined) await removeContainer(engine, predecessor);
}

/** Frees all the ports first, then starts what had them. */
async function bringBack(
  { starts }: Together,
  begun: readonly StartInstance[],
  execution: Execution,
): Promise<void> {
  const removed = new Map<string, string>();
  for (const start of begun) {
    const hint = await removeNew(start, execution);
    if (hint !== undefined) removed.set(start.id, hint);
  }
  explainRemoved(removed, execution);
  const restored: StartInstance[] = [];
  // Those in the network of another one start after it.
  for (const start of starts.toSorted((one, other) => rankOf(one) - rankOf(other)))
    if (await startFormer(start, execution)) restored.push(start);
  execution.progress.restored.push(...restored);
  explain(starts, restored, { removed, failures: execution.failures });
}

/** @returns a hint about its new container, where there was one that has failed */
async function removeNew(
  { id, host, spec, predecessor }: StartInstance,
  { context, failures }: Execution,
): Promise<string | undefined> {
  const { engine } = context;
  const former =
    predecessor === undefined ? undefined : await inspectContainer(engine, predecessor);
  // Its former container still has the name when that was not set aside yet.
  if (former?.name === spec.name) return undefined;
  const hasFailed = failures.some(({ step }) => step.id === id);
  if (hasFailed && (await inspectContainer(engine, spec.name)) !== undefined) {
    const { removeFailed } = await import("../instances/remove-failed.ts");
    return removeFailed(spec.name, host, context);
  }
  await removeContainer(engine, spec.name);
  return undefined;
}

function explainRemoved(removed: ReadonlyMap<string, string>, { failures }: Execution): void {
  for (const [index, failure] of failures.entries()) {
    const hint = removed.get(failure.step.id);
    if (hint !== undefined)
      failures[index] = { ...failure, error: withOutcome(failure.error, hint) };
  }
}

function isSharer({ networkMode }: StartInstance["spec"]): boolean {
  return networkMode?.startsWith("container:") ?? false;
}

function rankOf({ spec }: StartInstance): number {
  return isSharer(spec) ? 1 : 0;
}

/** @returns whether there was one */
async function startFormer(
  { host, spec, predecessor, removes }: StartInstance,
  { context }: Execution,
): Promise<boolean> {
  const { engine } = context;
  const id = predecessor ?? removes;
  if (id === undefined || !(await inspectContainer(engine, id))) return false;
  try {
    await renameContainer(engine, id, spec.name);
    // It may run on in a network that is gone.
    if (isSharer(spec)) await stopContainer(engine, id);
    await startContainer(engine, id);
  } catch (cause) {
    if (!(cause instanceof ReynsError)) throw cause;
    const message = `${host}: its former container could not be started again: ${cause.message}`;
    const hint =
      "the instance is down, and its former container is kept, stopped: fix the cause, then run it again";
    throw new ReynsError("START_FAILED", message, { hint, cause });
  }
  await completeRestored(engine, id, context);
  return true;
}

/** Tells what serves now with the failure that is the cause. */
function explain(
  starts: readonly StartInstance[],
  restored: readonly StartInstance[],
  { removed, failures }: Pick<Execution, "failures"> & { removed: ReadonlyMap<string, string> },
): void {
  const ids = new Set(starts.map(({ id }) => id));
  const index = failures.findIndex(
    ({ step, error }) => ids.has(step.id) && error.code !== "INTERRUPTED",
  );
  const failure = failures[index];
  if (!failure || restored.length === 0) return;
  const hosts = restored.map(({ host }) => host).join(", ");
  const isNetwork = failure.step.kind === "start-instance" && isOfNetwork(failure.step);
  const why = isNetwork ? "their network is a new one for all" : "they exchange ports";
  const hint = `${why}, so the former versions of ${hosts} run again; fix the cause, then run them again`;
  const error = withOutcome(failure.error, hint, removed.get(failure.step.id));
  failures[index] = { ...failure, error };
}

function isOfNetwork({ together }: StartInstance): boolean {
  return together !== undefined && /^(?:[^:]+: )?network /.test(together);
}
