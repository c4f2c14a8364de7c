import { labels } from "../../model/labels.ts";
import type { DefinedNames } from "../../model/defined-names.ts";
import { hostNameOf } from "../../model/host-names.ts";
import type { ProjectFolder } from "../../model/project.ts";
import type { StartInstance, Step } from "../../model/steps.ts";
import type { RunPlan } from "../../plan/run-plan.ts";
import { matchesQuery, type InstanceQuery } from "../../plan/select/choose.ts";
import { updateExpected, type Expected, type ExpectedInstance } from "../../project/expected.ts";

/** Records what should run when a plan is done, before it begins: what it fails to start is missing then. */
export function recordExpected(place: ProjectFolder, steps: readonly Step[]): void {
  updateExpected(place, (before) => afterSteps(before, steps));
}

/**
 * Records what a run found defined, so that orphans can be told without reading the definition again. What is neither
 * defined nor there is no longer expected: no run would start it.
 */
export function recordDefined(
  place: ProjectFolder,
  { defined, existing }: Pick<RunPlan, "defined" | "existing">,
): void {
  const present = new Set([...defined.hosts, ...existing]);
  const isKept = (instance: ExpectedInstance): boolean =>
    !isOf(instance, defined) || present.has(hostOf(instance));
  updateExpected(place, (before) => ({
    ...before,
    defined,
    instances: before.instances.filter(isKept),
  }));
}

/** Whether an instance is the business of a conf: not one of another conf. */
function isOf({ project, conf }: ExpectedInstance, defined: DefinedNames): boolean {
  return project === defined.project && (conf ?? defined.conf) === defined.conf;
}

interface CleanedInstances {
  /** Name of the project; undefined where only its definition tells. */
  readonly project: string | undefined;
  readonly query: InstanceQuery;
  /** Only these host names; no restriction when undefined. */
  readonly hosts: ReadonlySet<string> | undefined;
  /** Only what this does not define any more; no restriction when undefined. */
  readonly notIn: DefinedNames | undefined;
  /** Only in the groups of these nodes; no restriction when undefined. */
  readonly nodes: readonly string[] | undefined;
  /** Host names of the instances that are left. */
  readonly left: ReadonlySet<string>;
}

/** Records that what `clean` was asked to remove is no longer expected, also where no container of it was there. */
export function forgetExpected(
  place: ProjectFolder,
  { project, query, hosts, notIn, nodes, left }: CleanedInstances,
): void {
  const isForgotten = (instance: ExpectedInstance): boolean => {
    const host = hostOf(instance);
    if (left.has(host) || (project ?? instance.project) !== instance.project) return false;
    if (nodes && !nodes.includes(instance.group ?? "")) return false;
    if (!matchesQuery(instance, query) || !(hosts?.has(host) ?? true)) return false;
    return notIn === undefined || (isOf(instance, notIn) && !notIn.hosts.includes(host));
  };
  updateExpected(place, (before) => ({
    ...before,
    instances: before.instances.filter((instance) => !isForgotten(instance)),
  }));
}

function afterSteps({ instances, stopped, defined }: Expected, steps: readonly Step[]): Expected {
  const starts = steps.filter((step) => step.kind === "start-instance" && !step.interactive);
  const started = starts.map((step) => toExpected(step as StartInstance));
  const stepsOf = (kind: Step["kind"]): (Step & { host: string })[] =>
    steps.filter(
      (step): step is Step & { host: string } =>
        step.kind === kind && "host" in step && isWhole(step),
    );
  const hosts = (kind: Step["kind"]): string[] => stepsOf(kind).map(({ host }) => host);
  const removals = stepsOf("remove-instance").filter((step) => !hasMoved(step, instances));
  const removed = removals.map(({ host }) => host);
  const running = [...hosts("start-instance"), ...hosts("restart-instance")];
  const added = new Set(started.map(hostOf));
  const kept = instances.filter((instance) => {
    const host = hostOf(instance);
    return !added.has(host) && !removed.includes(host);
  });
  const halted = [...stopped, ...hosts("stop-instance")];
  return {
    ...(defined && { defined }),
    instances: [...kept, ...started],
    stopped: [...new Set(halted)].filter((host) => ![...running, ...removed].includes(host)),
  };
}

/** Whether what is removed from a node is expected on another one by now. */
function hasMoved(
  { node, host }: Step & { host: string },
  instances: readonly ExpectedInstance[],
): boolean {
  const group = instances.find((instance) => hostOf(instance) === host)?.group;
  return node !== undefined && group !== undefined && group !== node;
}

/** Not only the former container of an instance. */
function isWhole(step: Extract<Step, { host: string }>): boolean {
  return step.title === step.host;
}

function toExpected({ spec }: StartInstance): ExpectedInstance {
  const own = spec.labels;
  return {
    project: own[labels.project] ?? "",
    service: own[labels.service] ?? "",
    instance: own[labels.instance] ?? "",
    ...(own[labels.conf] && { conf: own[labels.conf] }),
    ...(own[labels.group] && { group: own[labels.group] }),
    ...(own[labels.adHoc] === "true" ? { isAdHoc: true } : {}),
  };
}

function hostOf({ service, instance }: ExpectedInstance): string {
  return hostNameOf(service, instance);
}
