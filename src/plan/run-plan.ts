import { throwAll } from "../errors.ts";
import type { Project } from "../model/project.ts";
import type { BuildSettings } from "./build-plan.ts";
import { cycleErrors } from "./checks/cycles.ts";
import { findLostData, type LostData } from "./checks/lost-data.ts";
import { converge, type ConvergeOptions, type Decided } from "./converge.ts";
import { isSequential, type RunContext } from "./describe/describe-all.ts";
import { awaitStep, restartStepOf, resumeStepOf } from "./describe/readiness.ts";
import { mergeMissing, type MissingVariable } from "./resolve/environment.ts";
import { hasEntrypoint } from "./resolve/images.ts";
import { leasesOf, leasesOfStart, planKeeper, type KeptLease } from "./dns-keeper.ts";
import { formerRemoval, planClean } from "./lifecycle-plan.ts";
import { orderStarts, type Bringing } from "./order-starts.ts";
import { findOrphans, reuseNames } from "./orphans.ts";
import { buildsFor, networkStep } from "./prerequisites.ts";
import type { ObservedInstance } from "../model/observed.ts";
import { terminalErrors } from "./checks/terminals.ts";
import { hostMountErrors } from "./checks/remote-mounts.ts";
import { publishingErrors, publishingWarnings, type Publishing } from "./checks/ports.ts";
import { selectInstances } from "./select/select.ts";
import type { SelectedInstance, Selection } from "./select/selection.ts";
import { nameConflictErrors } from "./checks/name-conflicts.ts";
import type { AwaitInstance, CreateNetwork, RemoveInstance, Step } from "../model/steps.ts";

export interface RunRequest extends RunContext, Publishing, ConvergeOptions {
  readonly selections: readonly Selection[];
  readonly build: BuildSettings;
  /** The last call did not finish: instances that run may not be ready, nor have their leases renewed. */
  readonly previousRunFailed: boolean;
  /** The address of an Engine on another machine; undefined for this one's. */
  readonly remoteEngine?: string | undefined;
  /** Remove instances whose definition is gone. */
  readonly prune: boolean;
  /** How many instances of one service are replaced at the same time; one unless given. */
  readonly jobs?: number | undefined;
}

/** An instance that runs already and is left alone. */
export interface Unchanged {
  readonly service: string;
  readonly instance: string;
  readonly host: string;
  /** Parts of its definition that have changed, which were not applied. */
  readonly changes: readonly string[];
}

export interface RunPlan {
  readonly steps: readonly Step[];
  readonly warnings: readonly string[];
  /** Variables that have to be given before anything can start; the steps are not complete without them. */
  readonly missing: readonly MissingVariable[];
  readonly unchanged: readonly Unchanged[];
  /** Host names of the instances that the plan starts. */
  readonly starts: readonly string[];
  /** Host name -> the parts of its definition that have changed. */
  readonly changes: ReadonlyMap<string, readonly string[]>;
  /** Instances of the project that are in no definition any more. */
  readonly orphans: readonly ObservedInstance[];
  /** Volumes that replaced instances would not have any more; to be confirmed before anything happens. */
  readonly lostData: readonly LostData[];
}

/**
 * Decides everything that a run does: images, network, addresses, environments, links, order.
 *
 * @throws ReynsErrors with every mistake that can be known before the start
 */
export function planRun(request: RunRequest): RunPlan {
  const { observed } = request;
  // A service that is named is one more instance in a legacy conf.
  const isWhole = request.selections.some(({ service }) => service === "all");
  const project = isWhole ? reuseNames(request.project, observed) : request.project;
  const selected = selectAll(project, request.selections);
  const network = networkStep(project, observed, request.sources);
  const subnet = network?.subnet ?? observed.subnet ?? "";
  const decided = converge(selected, { ...request, project, subnet });
  throwAll([...decided.flatMap(({ errors }) => errors), ...terminalErrors(decided)]);

  const starting = decided.filter(({ placed }) => placed.starts);
  // A container that goes on has its values.
  const missing = mergeMissing(
    starting.flatMap(({ placed, missing: names }) => (placed.action === "resume" ? [] : names)),
  );
  throwAll([
    ...cycleErrors(starting, project.folder),
    ...hostMountErrors(starting, request),
    // Where a port is published is known when its variables are.
    ...(missing.length === 0 ? publishingErrors(starting, request) : []),
  ]);
  const orphans = findOrphans(project, observed.instances);
  const steps = stepsOf(decided, { ...request, project, network, orphans });
  throwAll(nameConflictErrors(steps, observed.nameConflicts));
  return {
    steps,
    warnings: [
      ...new Set(
        starting.flatMap((instance) => [
          ...instance.warnings,
          ...publishingWarnings(instance, request),
        ]),
      ),
    ],
    missing,
    unchanged: decided.filter(({ placed }) => !placed.starts).map(toUnchanged),
    starts: starting.map(({ step }) => step.host),
    changes: new Map(starting.map(({ step, changes }) => [step.host, changes])),
    orphans,
    lostData: findLostData(starting, project),
  };
}

/** Each instance once, though several selections may have it as a dependency. */
function selectAll(project: Project, selections: readonly Selection[]): SelectedInstance[] {
  const all = selections.flatMap((selection) => selectInstances(project, selection));
  const isNeeded = ({ selectedBy }: SelectedInstance): boolean => selectedBy === "dependency";
  const meant = new Set(all.filter((one) => !isNeeded(one)).map(({ host }) => host));
  const unique = new Map(
    all.filter((one) => !isNeeded(one) || !meant.has(one.host)).map((one) => [one.host, one]),
  );
  return [...unique.values()];
}

function toUnchanged({ placed: { selected }, changes }: Decided): Unchanged {
  const { service, instance, host } = selected;
  return { service, instance, host, changes };
}

interface StepsContext extends RunRequest {
  readonly network: CreateNetwork | undefined;
  readonly orphans: readonly ObservedInstance[];
}

/**
 * All images come first, then the network and the removal of orphans: an image that cannot be built or pulled costs
 * nothing that runs, and leaves nothing behind.
 */
function stepsOf(decided: readonly Decided[], context: StepsContext): Step[] {
  const { network, prune, orphans, observed, previousRunFailed } = context;
  const starting = decided.filter(({ placed }) => placed.starts);
  const leaving = prune ? orphans : [];
  const kept = keptAmong(starting, context);
  const keeping = keeperOf(starting, kept, context);
  const builds = buildsFor(starting, keeping, context);
  const images = builds.map(({ id }) => id);
  const first = [...builds, ...(network ? [{ ...network, after: images }] : [])];
  const needed = first.map(({ id }) => id);
  const removals = planClean(leaving, observed.instances, undefined, "no longer defined").map(
    (step) => ({ ...step, after: [...step.after, ...images] }),
  );
  const waits = decided.flatMap((instance) =>
    awaitStep(instance, previousRunFailed || instance.placed.existing?.predecessor !== undefined),
  );
  const starts = orderStarts(starting.map(bringingOf), {
    before: [...first, ...waits],
    needed,
    removals,
    leaving,
    isSequential: isSequential(context),
    atOnce: context.jobs ?? 1,
  });
  return [
    ...(starts.length > 0 || keeping.some(({ kind }) => kind === "keep-leases") ? first : []),
    ...removals,
    ...keeping.map((step) => ({ ...step, after: needed })),
    ...waits,
    ...discards(decided, waits),
    ...starts.map((step) => afterUnfinished(afterKeeper(step, kept, keeping), decided, waits)),
  ];
}

/** A replacement waits until one of its service that was broken off is complete, so that one of them always serves. */
function afterUnfinished<Start extends Step & { readonly host: string }>(
  start: Start,
  decided: readonly Decided[],
  waits: readonly AwaitInstance[],
): Start {
  const own = decided.find(({ step }) => step.host === start.host)?.placed;
  if (own?.action !== "replace") return start;
  const isSibling = (wait: AwaitInstance): boolean =>
    decided.some(
      ({ step, placed }) => step.id === wait.id && placed.selected.service === own.selected.service,
    );
  const unfinished = waits.filter((wait) => wait.former && isSibling(wait));
  return { ...start, after: [...start.after, ...unfinished.map(({ id }) => id)] };
}

/** The step that starts a decided instance, whether anew or again. */
function bringingOf(decided: Decided): Bringing {
  const { placed, step, reason } = decided;
  const { existing, action } = placed;
  if (action === "resume" && existing)
    return { step: resumeStepOf(decided, existing, reason), described: decided };
  if (action === "restart" && existing)
    return { step: restartStepOf(decided, existing, reason), described: decided };
  return { step: { ...step, reason }, described: decided };
}

/** Removes what a run that was cut off has kept of an instance's former container, once the new one is ready. */
function discards(decided: readonly Decided[], waits: readonly Step[]): RemoveInstance[] {
  return decided.flatMap(({ placed: { existing, starts }, step }) => {
    if (starts || !existing) return [];
    const after = waits.filter(({ title }) => title === step.host).map(({ id }) => id);
    return formerRemoval(existing).map((removal) => ({ ...removal, after }));
  });
}

/** The ready images among what starts. */
function keptAmong(
  starting: readonly Decided[],
  { project, observed }: RunRequest,
): readonly KeptLease[] {
  return starting
    .filter(({ placed }) => !hasEntrypoint(project, placed.image, observed))
    .flatMap(({ step }) => leasesOfStart(step));
}

/** The keeper's list has these, besides those of the instances that run on. */
function keeperOf(
  starting: readonly Decided[],
  kept: readonly KeptLease[],
  { project, observed, hostHostname, previousRunFailed, prune, orphans }: StepsContext,
): Step[] {
  const hosts = new Set([
    ...starting.map(({ step }) => step.host),
    ...(prune ? orphans.map(({ host }) => host) : []),
  ]);
  const staying = observed.instances.filter(({ host }) => !hosts.has(host));
  return planKeeper({
    project,
    keeper: observed.keeper,
    before: observed.instances.flatMap(leasesOf),
    after: [...staying.flatMap(leasesOf), ...kept],
    hostHostname,
    force: previousRunFailed,
  });
}

/** A ready image starts when its lease is renewed: if that fails, a later run has to begin there again. */
function afterKeeper<Start extends Step & { readonly host: string }>(
  start: Start,
  kept: readonly KeptLease[],
  keeping: readonly Step[],
): Start {
  if (!kept.some(({ host }) => host === start.host)) return start;
  return { ...start, after: [...start.after, ...keeping.map(({ id }) => id)] };
}
