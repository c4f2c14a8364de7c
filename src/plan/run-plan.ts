import { throwAll } from "../errors.ts";
import type { Project } from "../model/project.ts";
import { chooseSubnet } from "./resolve/addresses.ts";
import { planBuilds, type BuildSettings } from "./build-plan.ts";
import { changedParts } from "./changed-parts.ts";
import { cycleErrors } from "./checks/cycles.ts";
import { describeAll, isSequential, type RunContext } from "./describe/describe-all.ts";
import { awaitStep, type DescribedStart } from "./describe/describe.ts";
import { mergeMissing, type MissingVariable } from "./resolve/environment.ts";
import { carriedImages, hasEntrypoint, tagged } from "./resolve/images.ts";
import { leasesOf, leasesOfStart, planKeeper, type KeptLease } from "./dns-keeper.ts";
import { labels } from "../model/labels.ts";
import { planClean } from "./lifecycle-plan.ts";
import { networkNameOf, scopeOf } from "../model/resource-names.ts";
import { isRunning, type Observed } from "../model/observed.ts";
import { hostMountErrors } from "./checks/remote-mounts.ts";
import { publishingErrors, publishingWarnings, type Publishing } from "./checks/ports.ts";
import { selectInstances, type Selection } from "./select/select.ts";
import { nameConflictErrors } from "./checks/name-conflicts.ts";
import { isBringUp, type CreateNetwork, type StartInstance, type Step } from "../model/steps.ts";

export interface RunRequest extends RunContext, Publishing {
  readonly selections: readonly Selection[];
  readonly build: BuildSettings;
  /** The last call here did not come to its end: what runs may not be ready, and the keeper not know of it. */
  readonly previousRunFailed: boolean;
  /** The address of an Engine that is another machine's; undefined: this one's. */
  readonly remoteEngine?: string | undefined;
}

/** An instance that runs already and is left alone. */
export interface Unchanged {
  readonly service: string;
  readonly instance: string;
  readonly host: string;
  /** Parts of its definition that have changed since. */
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
}

/**
 * Decides everything that a run does: images, network, addresses, environments, links, order.
 *
 * @throws ReynsErrors with every mistake that can be known before the start
 */
export function planRun(request: RunRequest): RunPlan {
  const { project, observed } = request;
  const selected = request.selections.flatMap((selection) => selectInstances(project, selection));
  const network = networkStep(project, observed);
  const subnet = network?.subnet ?? observed.subnet ?? "";
  const described = describeAll(selected, { ...request, subnet });
  throwAll(described.flatMap(({ errors }) => errors));

  const starting = described.filter((one) => one.placed.starts);
  const missing = mergeMissing(starting.flatMap((one) => one.missing));
  throwAll([
    ...cycleErrors(starting, project.folder),
    ...hostMountErrors(starting, request),
    // Where a port is published is known when its variables are.
    ...(missing.length === 0 ? publishingErrors(starting, request) : []),
  ]);
  const kept = keptAmong(starting, request);
  const changes = starting.length > 0 || request.previousRunFailed;
  const keeping = changes ? keeperOf(starting, kept, request) : [];
  const { builds, removals } = preparations(starting, keeping, request);
  const images = builds.map(({ id }) => id);
  const first = [...builds, ...(network ? [{ ...network, after: images }] : []), ...removals];
  const waits = described.flatMap((one) => awaitStep(one, request.previousRunFailed));
  const starts = ordered(starting, [...first, ...waits], isSequential(request));
  const steps: Step[] = [
    ...(starts.length > 0 ? first : []),
    ...keeping.map((step) => ({ ...step, after: prerequisitesOf(step, first) })),
    ...waits,
    ...starts.map((step) => afterKeeper(step, kept, keeping)),
  ];
  throwAll(nameConflictErrors(steps, observed.nameConflicts));
  return {
    steps,
    warnings: [
      ...new Set(starting.flatMap((one) => [...one.warnings, ...publishingWarnings(one, request)])),
    ],
    missing,
    unchanged: described.flatMap((one) => unchangedOf(one, observed)),
    starts: starts.map(({ host }) => host),
  };
}

function unchangedOf(described: DescribedStart, observed: Observed): Unchanged[] {
  const { placed, step } = described;
  const missing = described.missing.map(({ name }) => name);
  const { existing, starts, selected: selected } = placed;
  if (!existing || starts) return [];
  const { service, instance, host } = selected;
  return [
    { service, instance, host, changes: changedParts(existing, step, { observed, missing }) },
  ];
}

/** The ready images among what starts. */
function keptAmong(
  starting: readonly DescribedStart[],
  { project, observed }: RunRequest,
): readonly KeptLease[] {
  return starting
    .filter(({ placed }) => !hasEntrypoint(project, placed.image, observed))
    .flatMap(({ step }) => leasesOfStart(step));
}

/** Its list has them, beside what runs on. */
function keeperOf(
  starting: readonly DescribedStart[],
  kept: readonly KeptLease[],
  { project, observed, hostHostname, previousRunFailed: unfinished }: RunRequest,
): Step[] {
  const hosts = new Set(starting.map(({ step }) => step.host));
  const staying = observed.instances.filter(({ host }) => !hosts.has(host));
  return planKeeper({
    project,
    keeper: observed.keeper,
    before: observed.instances.flatMap(leasesOf),
    after: [...staying.flatMap(leasesOf), ...kept],
    hostHostname,
    force: unfinished,
  });
}

/** A ready image starts when its lease is looked after: if that fails, a later run has to begin there again. */
function afterKeeper(
  start: StartInstance,
  kept: readonly KeptLease[],
  keeping: readonly Step[],
): StartInstance {
  if (!kept.some(({ host }) => host === start.host)) return start;
  return { ...start, after: [...start.after, ...keeping.map(({ id }) => id)] };
}

/**
 * All images come first, then the network and the removal of what runs and shall be run anew: an image that cannot be
 * had costs nothing that runs, and leaves nothing behind.
 */
function preparations(
  starting: readonly DescribedStart[],
  keeping: readonly Step[],
  { project, observed, build }: RunRequest,
): { readonly builds: readonly Step[]; readonly removals: readonly Step[] } {
  const images = [
    ...starting.map(({ placed }) => placed.image),
    ...keeping.flatMap((step) => (step.kind === "keep-leases" ? step.spec.image : [])),
  ];
  const missing = missingImages(project, observed, images);
  const builds = planBuilds(project, missing, observed, build);
  const leaving = starting.flatMap(({ placed: { existing } }) =>
    existing && isRunning(existing) ? existing : [],
  );
  const after = builds.map(({ id }) => id);
  const removals = planClean(leaving, observed.instances, undefined);
  return { builds, removals: removals.map((step) => ({ ...step, after })) };
}

function ordered(
  starting: readonly DescribedStart[],
  before: readonly Step[],
  sequential: boolean,
): StartInstance[] {
  const ids = new Set([...before, ...starting.map(({ step }) => step)].map(({ id }) => id));
  const starts = starting.map(({ step }) => ({
    ...step,
    after: [...step.after.filter((id) => ids.has(id)), ...prerequisitesOf(step, before)],
  }));
  return sequential ? inSequence(starts) : starts;
}

function networkStep(project: Project, observed: Observed): CreateNetwork | undefined {
  if (observed.subnet !== undefined) return undefined;
  return {
    kind: "create-network",
    id: "network",
    after: [],
    title: "network",
    reason: "the project has none yet",
    name: networkNameOf(project),
    ...chooseSubnet(scopeOf(project), observed.takenSubnets),
    labels: { [labels.project]: project.name, [labels.folder]: project.folder },
  };
}

function missingImages(project: Project, observed: Observed, images: readonly string[]): string[] {
  return [...new Set(images)].filter((image) => !isBuilt(project, observed, image));
}

/**
 * An image of the same name that another folder has built is not this project's; a carried one is always planned for,
 * which builds it when another executable did.
 */
function isBuilt(project: Project, observed: Observed, image: string): boolean {
  if (carriedImages.includes(image)) return false;
  const found = observed.images.get(tagged(image));
  const folder = found?.labels[labels.folder];
  return found !== undefined && (folder === undefined || folder === project.folder);
}

/** Which of the steps that come first a start depends on: every image, the network, its predecessor's removal. */
function prerequisitesOf(start: Step, first: readonly Step[]): string[] {
  const needed = first.filter((step) => {
    if (step.kind === "remove-instance") return "host" in start && step.host === start.host;
    return !isBringUp(step);
  });
  return needed.map(({ id }) => id);
}

/** A legacy conf's order is its contract: each one waits for the one before. */
function inSequence(starts: readonly StartInstance[]): StartInstance[] {
  return starts.map((step, index) => {
    const before = starts[index - 1];
    const others = step.after.filter((id) => !starts.some((start) => start.id === id));
    return { ...step, after: before ? [...others, before.id] : others };
  });
}
