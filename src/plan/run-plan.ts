import { throwAll, type ReynsError } from "../errors.ts";
import { summarizeList } from "../lib/summarize-list.ts";
import { findLostAddresses } from "../model/lost-addresses.ts";
import { isRunning, type ObservedInstance } from "../model/observed.ts";
import { findLostKeys } from "../model/problems.ts";
import type { DefinedNames } from "../model/defined-names.ts";
import type { Project } from "../model/project.ts";
import type { Step } from "../model/steps.ts";
import { doubledErrors, findDoubled, leftVolumes } from "./adoption.ts";
import { cycleErrors } from "./checks/cycles.ts";
import { findLostData, type LostData, type ContainerReplacement } from "./checks/lost-data.ts";
import { fileTargetErrors } from "./checks/file-targets.ts";
import {
  findSharedVolumes,
  fixedVolumes,
  foreignNetworks,
  nameConflictErrors,
} from "./checks/name-conflicts.ts";
import { dnsToAsk, otherMachineErrors, type AskedDns } from "./checks/other-machines.ts";
import { publishingErrors, publishingWarnings } from "./checks/ports.ts";
import { hostMountErrors } from "./checks/remote-mounts.ts";
import { replacedNetworkErrors } from "./checks/replaced-networks.ts";
import { terminalErrors } from "./checks/terminals.ts";
import { converge, type Decided } from "./converge.ts";
import { definedNames, reuseNames } from "./defined-names.ts";
import { handoverErrors } from "./handover/handover.ts";
import { findOrphans, orphanVolumeErrors } from "./orphans.ts";
import { planNetworks } from "./network-plan.ts";
import { mergeMissing, type MissingVariable } from "./resolve/environment.ts";
import type { RunRequest } from "./run-request.ts";
import { stepsOf } from "./run-steps.ts";
import { selectInstances } from "./select/select.ts";
import { selectSharers } from "./select/sharers.ts";
import type { SelectedInstance } from "./select/selection.ts";

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
  /** The names that the conf defines. */
  readonly defined: DefinedNames;
  /** Instances of the project that are in no definition any more. */
  readonly orphans: readonly ObservedInstance[];
  /** Volumes that replaced instances would not have any more; to be confirmed before anything happens. */
  readonly lostData: readonly LostData[];
  /** The DNS to ask what other machines run; undefined where nothing depends on that. */
  readonly dns: AskedDns | undefined;
  /** Host names of all instances that are there now. */
  readonly existing: readonly string[];
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
  const project = isWhole ? reuseNames(request.project, observed.instances) : request.project;
  const selected = selectAll(project, request);
  const { networks, steps: networkSteps } = planNetworks(project, selected, request);
  const decided = converge(selected, { ...request, project, networks });
  const starting = decided.filter(({ placed }) => placed.starts);
  // A container that goes on has its values.
  const missing = mergeMissing(
    starting.flatMap(({ placed, missing: names }) => (placed.action === "resume" ? [] : names)),
  );
  const doubled = findDoubled(starting, observed);
  const adopted = request.adopt === true ? doubled : [];
  throwAll([
    ...instanceErrors(decided),
    ...startErrors(starting, request),
    ...(request.adopt === true ? [] : doubledErrors(doubled)),
    // Where a port is published is known when its variables are.
    ...(missing.length === 0 ? publishingErrors(starting, request) : []),
  ]);
  const defined = definedNames(project, observed.instances);
  const orphans = findOrphans(defined, observed.instances);
  const shared = findSharedVolumes(starting, project, observed);
  throwAll([
    ...(request.prune ? [] : orphanVolumeErrors(starting, orphans, observed)),
    ...shared.errors,
  ]);
  const context = { ...request, project, networks: networkSteps, orphans, adopted };
  const steps = stepsOf(decided, context);
  throwAll([
    ...nameConflictErrors(steps, [...observed.nameConflicts, ...foreignNetworks(observed)]),
    ...replacedNetworkErrors(steps, { ...request, project, decided, orphans }),
  ]);
  return {
    steps,
    warnings: [
      ...warningsOf(starting, request),
      ...shared.warnings,
      ...keptWarnings(decided, request),
    ],
    missing,
    unchanged: decided.filter(({ placed }) => !placed.starts).map(toUnchanged),
    starts: starting.map(({ step }) => step.host),
    changes: new Map(starting.map(({ step, changes }) => [step.host, changes])),
    defined,
    dns: dnsToAsk(decided),
    existing: observed.instances.map(({ host }) => host),
    orphans,
    lostData: [...findLostData(replacementsOf(starting)), ...leftVolumes(adopted, starting)],
  };
}

function instanceErrors(decided: readonly Decided[]): ReynsError[] {
  return [
    ...decided.flatMap(({ errors }) => errors),
    ...decided.flatMap(({ placed, step }) => handoverErrors(placed, step.handover)),
    ...terminalErrors(decided),
  ];
}

/** What does not fit together in those that start. */
function startErrors(starting: readonly Decided[], request: RunRequest): ReynsError[] {
  return [
    ...otherMachineErrors(starting, request),
    ...cycleErrors(starting, request.project.folder),
    ...hostMountErrors(starting, request),
    ...fileTargetErrors(starting),
  ];
}

function replacementsOf(starting: readonly Decided[]): ContainerReplacement[] {
  return starting.flatMap(({ placed: { action, existing }, step }) =>
    action === "replace" && existing ? [{ existing, step }] : [],
  );
}

function warningsOf(starting: readonly Decided[], request: RunRequest): string[] {
  const warnings = starting.flatMap((instance) => [
    ...instance.warnings,
    ...publishingWarnings(instance, request),
  ]);
  const lost = findLostKeys(request.observed.instances);
  const lostKeys = lost ? [`${lost.message}: ${lost.remedy}`] : [];
  const ofAll = [...(request.project.conf.warnings ?? []), ...renameWarnings(request), ...lostKeys];
  return [...new Set([...ofAll, ...warnings])];
}

/** A new name makes a new project, and the former one goes on. A name in the call is meant for that. */
function renameWarnings({ project, observed, sources: { caller } }: RunRequest): string[] {
  const { instances, otherProjects = [] } = observed;
  const isMeant = caller["PROJECT_NAME"] ?? caller["COMPOSE_PROJECT_NAME"];
  if (instances.length > 0 || isMeant) return [];
  const fixed = fixedVolumes(project);
  const volumes = `the volume${fixed.length === 1 ? "" : "s"} ${summarizeList(fixed, 3)}`;
  const data =
    fixed.length === 0
      ? "with volumes and data of its own"
      : `but ${volumes} would be the same for both`;
  const removal =
    fixed.length === 0
      ? "data=true removes the data, too"
      : `without data=true, which removes ${volumes}, too`;
  return otherProjects.map(
    (name) =>
      `"${project.name}" is a new project, ${data}; "${name}" still has containers here: to keep using them, name the project "${name}" again; to remove them: reyns -p ${name} clean all (${removal})`,
  );
}

function keptWarnings(decided: readonly Decided[], request: RunRequest): string[] {
  return [...crashWarnings(decided), ...addressWarnings(decided, request)];
}

/** What goes on as it is, though it may be in a crash loop. */
function crashWarnings(decided: readonly Decided[]): string[] {
  return decided.flatMap(({ placed: { starts, existing } }) => {
    if (starts || !existing?.recentRestarts) return [];
    const { host, service, instance, recentRestarts, upFor = "a moment" } = existing;
    const times = recentRestarts === 1 ? "once," : `${recentRestarts} times, last`;
    return `${host}: its restart policy restarted it ${times} ${upFor.toLowerCase()} ago; see its log: reyns logs ${service} ${instance}`;
  });
}

/** What goes on as it is, and leads others to where its machine is not any more. */
function addressWarnings(
  decided: readonly Decided[],
  { project, hostAddresses = [] }: Pick<RunRequest, "project" | "hostAddresses">,
): string[] {
  if (hostAddresses.length === 0) return [];
  const kept = decided.flatMap(({ placed: { starts, existing } }) =>
    starts || !existing ? [] : existing,
  );
  return findLostAddresses(kept, hostAddresses).map(({ address, instances }) => {
    const hosts = summarizeList(
      instances.map(({ host }) => host),
      4,
    );
    const rerun = [...new Set(instances.map(({ service }) => service))].join(", ");
    const change = project.conf.nodes ? "correct it in node(), then:" : "SERVICE_IP=ADDRESS";
    return `${hosts}: registered at ${address}, which is no address of its machine; if that has another one now: ${change} reyns rerun ${rerun}`;
  });
}

/** Each instance once, though several selections may have it as a dependency; and those that share their networks. */
function selectAll(project: Project, { selections, observed }: RunRequest): SelectedInstance[] {
  const all = selections.flatMap((selection) => selectInstances(project, selection));
  const isNeeded = ({ selectedBy }: SelectedInstance): boolean => selectedBy === "dependency";
  const meant = new Set(all.filter((one) => !isNeeded(one)).map(({ host }) => host));
  const unique = new Map(
    all.filter((one) => !isNeeded(one) || !meant.has(one.host)).map((one) => [one.host, one]),
  );
  const chosen = [...unique.values()];
  const running = new Set(observed.instances.filter(isRunning).map(({ host }) => host));
  return [...chosen, ...selectSharers(project, chosen, running)];
}

function toUnchanged({ placed: { selected }, changes }: Decided): Unchanged {
  const { service, instance, host } = selected;
  return { service, instance, host, changes };
}
