import { ReynsError } from "../errors.ts";
import type { ObservedNetwork } from "../model/networks.ts";
import { isRunning, type ObservedInstance } from "../model/observed.ts";
import type { StartInstance } from "../model/steps.ts";
import { contentOf, type InstanceVersion } from "../model/versions.ts";
import { inOrder } from "./handover/start-beside.ts";

/** An instance, and the versions of it that are recorded, oldest first. */
export interface VersionedInstance {
  readonly instance: ObservedInstance;
  readonly versions: readonly InstanceVersion[];
}

/** An instance, and the version that it goes back to. */
export interface Rollback {
  readonly instance: ObservedInstance;
  readonly target: InstanceVersion;
}

/**
 * Leaves out jobs, which keep no versions.
 *
 * @throws ReynsError UNKNOWN_VERSION when there is nothing else
 */
export function withVersions(instances: readonly ObservedInstance[]): ObservedInstance[] {
  const found = instances.filter(({ isJob }) => !isJob);
  if (found.length > 0 || instances.length === 0) return found;
  const jobs = instances.map(({ host }) => host).join(", ");
  throw new ReynsError("UNKNOWN_VERSION", `versions of jobs are not kept: ${jobs}`, {
    hint: "check out the commit that has the earlier definition, then: reyns run",
  });
}

/**
 * Finds the version that an instance goes back to: the one that it is told, else the one before what serves now. After a
 * rollback that is the one before the version that it brought back.
 *
 * @throws ReynsError UNKNOWN_VERSION
 */
export function findRollback(
  { instance, versions }: VersionedInstance,
  to: number | undefined,
): Rollback {
  const serving = versions.find(({ version }) => version === instance.version);
  const content = serving ? contentOf(serving) : Infinity;
  const target =
    to === undefined
      ? versions.findLast((other) => contentOf(other) < content)
      : versions.find(({ version }) => version === to);
  if (!target) throw unknownVersion(instance, versions, to);
  if (target === serving) throw alreadyThere(instance, target);
  const { node } = target.start;
  if (node !== undefined && node !== instance.node) throw ranElsewhere(instance, target);
  return { instance, target };
}

function unknownVersion(
  { host }: ObservedInstance,
  versions: readonly InstanceVersion[],
  to: number | undefined,
): ReynsError {
  const numbers = versions.map(({ version }) => version).join(", ");
  const message =
    to === undefined
      ? `${host} has no earlier version to go back to`
      : `${host} has no version ${to}`;
  const hint =
    numbers === "" ? "versions are recorded from its next start on" : `recorded: ${numbers}`;
  return new ReynsError("UNKNOWN_VERSION", message, { hint });
}

function alreadyThere({ host }: ObservedInstance, { version }: InstanceVersion): ReynsError {
  return new ReynsError("UNKNOWN_VERSION", `${host} runs version ${version} already`, {
    hint: "go back to the one before: leave out to=",
  });
}

function ranElsewhere({ host }: ObservedInstance, { version, start }: InstanceVersion): ReynsError {
  return new ReynsError("UNKNOWN_VERSION", `version ${version} of ${host} ran on ${start.node}`, {
    hint: "it goes back only where it ran: check out the earlier definition, then: reyns run",
  });
}

/** The image that a version was made from. */
export function imageOf({ imageId, keptAs, start }: InstanceVersion): string {
  return imageId ?? keptAs ?? start.spec.image;
}

/**
 * Replaces instances by earlier versions of theirs, the instances of a service one after the other.
 *
 * @param secrets values of secret variables, which no version records
 * @param networks those of the Engine, where an instance has a route
 */
export function planRollback(
  rollbacks: readonly Rollback[],
  secrets: Readonly<Record<string, string>>,
  networks: readonly ObservedNetwork[] = [],
): StartInstance[] {
  const described = rollbacks.map((rollback, index) => {
    const { service } = rollback.instance;
    const before = rollbacks
      .slice(0, index)
      .findLast(({ instance }) => instance.service === service);
    const step = startOf(rollback, secrets, before && [stepId(before.instance)]);
    return { step, placed: { existing: rollback.instance, action: "replace" } as const };
  });
  const isNetworkReplaced = (): boolean => false;
  return inOrder(described, { networks, isNetworkReplaced }).map(({ step }) => step);
}

function startOf(
  { instance, target }: Rollback,
  secrets: Readonly<Record<string, string>>,
  after: readonly string[] = [],
): StartInstance {
  const { version } = target;
  const { node: _, ...start } = target.start;
  const values = target.secrets.map((name) => [name, secrets[name] ?? ""] as const);
  return {
    ...start,
    ...replacedBy(instance),
    id: stepId(instance),
    after,
    reason: `back to version ${version}`,
    awaitsEnd: undefined,
    together: undefined,
    replacing: undefined,
    restores: contentOf(target),
    spec: { ...start.spec, image: imageOf(target), secrets: Object.fromEntries(values) },
  };
}

/** What runs comes back if the earlier version fails. */
function replacedBy(
  instance: ObservedInstance,
): Pick<StartInstance, "removes" | "predecessor" | "formerHooks"> {
  const { id, temporaryVolume, hooks: formerHooks } = instance;
  const isKept = isRunning(instance) && temporaryVolume === undefined;
  const predecessor = instance.predecessor ?? (isKept ? id : undefined);
  return { predecessor, removes: predecessor === id ? undefined : id, formerHooks };
}

function stepId({ host }: ObservedInstance): string {
  return `start ${host}`;
}
