import { existsSync } from "node:fs";
import { formatInstances } from "../../../ui/views/instances.ts";
import { printToStderr } from "../../../ui/output/print.ts";
import { canPrompt, confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { findProjectNetworks } from "../../../runtime/observe/networks.ts";
import { leftoverScope, type LeftoverScope } from "../../../plan/leftover-data.ts";
import { planRemoveData } from "../../../plan/remove-data.ts";
import { definedNames } from "../../../plan/defined-names.ts";
import { findOrphans, orphanReason } from "../../../plan/orphans.ts";
import { dropLeases } from "../../../plan/dns-keeper.ts";
import { planClean } from "../../../plan/lifecycle-plan.ts";
import { requireStopped, selectStopped, type StoppedInstances } from "../../../plan/stopped.ts";
import { hasCode, ReynsError } from "../../../errors.ts";
import type { Project } from "../../../model/project.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import { swarmMarker } from "../../../model/resource-names.ts";
import type { Step } from "../../../model/steps.ts";
import type { LockedProject } from "../../common/with-project-lock.ts";
import { cleanQuestion, noData, observeData, onlyConfirmed, type CleanedData } from "./data.ts";
import { findLeftovers } from "./leftovers.ts";
import { reportNotTaken } from "./not-taken.ts";
import { reportUndeclared, splitUndeclared } from "./undeclared.ts";
import { removeSpanningNetwork } from "./spanning-network.ts";
import { applyPlan } from "../../common/apply-plan.ts";
import { partialNodes } from "../../common/one-engine.ts";
import { forgetExpected } from "../../common/record-expected.ts";
import {
  planParts,
  resolveInstances,
  type InstancesArgs,
  type ResolvedInstances,
} from "../../common/resolve-instances.ts";

export interface CleanOptions {
  readonly target: InstancesArgs;
  /** Only instances with these host names; no restriction when undefined. */
  readonly hosts: ReadonlySet<string> | undefined;
  /** Only the instances that this project does not define any more; no restriction when undefined. */
  readonly notIn: Project | undefined;
  /** Only those that do not run. */
  readonly stopped?: boolean;
  /** Removes their data as well. */
  readonly data: boolean;
  /** Asks nothing; "unlessFolders": only before folders with data, or data beyond the definition, are removed. */
  readonly isConfirmed: boolean | "unlessFolders";
  /** Seconds to end before they are killed, instead of each container's own. */
  readonly stopTimeout?: number | undefined;
}

interface CleanResult {
  readonly project: ResolvedInstances["project"];
  readonly removed: readonly ObservedInstance[];
  readonly steps: readonly Step[];
}

/** Removes instances, after a confirmation. */
export async function cleanInstances(
  options: CleanOptions,
  locked: LockedProject,
): Promise<CleanResult> {
  const { resolved, leaving, notTaken, data } = await confirmTargets(options, locked);
  reportNotTaken(notTaken);
  const { engine, place, project, instances } = resolved;
  const reason = options.notIn ? orphanReason : "clean";
  const parts = await planParts(resolved, async (part) => {
    const own = leaving.filter((one) => part.instances.includes(one));
    const networks = await networksToRemove(part.engine, own, part.instances, project);
    const local = networks.filter(({ isSpanning }) => !engine.fleet || !isSpanning);
    const clean = planClean(own, part.instances, local, reason);
    const checked = options.stopped ? requireStopped(clean) : clean;
    const removals = dropLeases(checked, own, part.keeperContext);
    const stored = planRemoveData([...data.kept, ...data.former], removals, data.volumes);
    return [...removals, ...stored];
  });
  const steps = [...parts, ...(await removeSpanningNetwork(resolved, leaving, parts))];
  await applyPlan(steps, engine, { locked, place, stopTimeout: options.stopTimeout });
  if (existsSync(swarmMarker(place))) {
    const { removeSwarmLeftovers } = await import("../../../runtime/swarm/leftovers.ts");
    await removeSwarmLeftovers(engine, place);
  }
  forgetExpected(place, {
    project: project.name,
    query: { ...options.target, service: options.target.service ?? "all" },
    // What is missing has not stopped.
    hosts: options.stopped ? new Set(leaving.map(({ host }) => host)) : options.hosts,
    notIn: options.notIn && definedNames(options.notIn, instances),
    nodes: partialNodes(engine),
    left: new Set(instances.filter((one) => !leaving.includes(one)).map(({ host }) => host)),
  });
  return { project, removed: leaving, steps };
}

type NotTaken = Omit<StoppedInstances, "leaving">;

interface CleanTargets {
  readonly resolved: ResolvedInstances;
  readonly leaving: readonly ObservedInstance[];
  readonly notTaken: NotTaken;
  readonly data: CleanedData;
}

/** Resolves again after a question: instances may have gone meanwhile, and new ones were not in the list. */
async function confirmTargets(options: CleanOptions, locked: LockedProject): Promise<CleanTargets> {
  const found = await resolveTargets(options);
  const asksLess = options.isConfirmed === "unlessFolders";
  const split = asksLess ? await splitUndeclared(found.data, found.resolved.instances) : undefined;
  const isKept = split !== undefined && !canPrompt(false);
  const targets = isKept ? { ...found, data: split.declared } : found;
  const question = cleanQuestion(targets, options.isConfirmed, isKept ? noData : split?.undeclared);
  if (isKept && question === undefined) reportUndeclared(split);
  if (question === undefined) return targets;
  await locked.releaseLockWhile(() => confirmClean(targets.leaving, question));
  return resolveTargets(options, targets);
}

async function resolveTargets(
  options: CleanOptions,
  confirmed?: CleanTargets,
): Promise<CleanTargets> {
  const resolved = await resolveChosen(options);
  const confirmedIds = confirmed && new Set(confirmed.leaving.map(({ id }) => id));
  const { target, notIn, hosts, stopped } = options;
  const { chosen, instances } = resolved;
  const orphans = notIn && findOrphans(definedNames(notIn, instances), chosen);
  const restricted = (orphans ?? chosen).filter(({ host }) => hosts?.has(host) ?? true);
  const { leaving: all, ...notTaken } = stopped
    ? selectStopped(restricted, { service: target.service ?? "all", areOrphans: !!notIn })
    : { leaving: restricted, halfUp: [], done: [] };
  const leaving = all.filter(({ id }) => confirmedIds?.has(id) ?? true);
  const data = options.data ? await findData(options, resolved, leaving) : noData;
  return {
    resolved,
    leaving,
    notTaken,
    data: confirmed ? onlyConfirmed(data, confirmed.data) : data,
  };
}

/** An instance that is gone can still have data. */
async function resolveChosen({ target, data }: CleanOptions): Promise<ResolvedInstances> {
  try {
    return await resolveInstances({ ...target, changes: true });
  } catch (error) {
    const isUnknown = hasCode(error, "UNKNOWN_INSTANCE");
    if (!isUnknown || !data || scopeOf(target) === undefined) throw error;
    const all = { ...target, service: "all", instance: undefined, changes: true } as const;
    const resolved = { ...(await resolveInstances(all)), chosen: [] };
    const found = await findData({ target, hosts: undefined, notIn: undefined }, resolved, []);
    if (found.former.length + found.volumes.length === 0) throw error;
    return resolved;
  }
}

function scopeOf({ service, instance, group }: InstancesArgs): LeftoverScope | undefined {
  return leftoverScope({ service: service ?? "", instance, group });
}

async function findData(
  { target, hosts, notIn, stopped }: Omit<CleanOptions, "data" | "isConfirmed">,
  { engine, place, project, instances }: ResolvedInstances,
  leaving: readonly ObservedInstance[],
): Promise<CleanedData> {
  requireOneNode(engine);
  const kept = await observeData(engine, leaving, place);
  const isWhole = hosts === undefined && notIn === undefined && !stopped;
  const scope = isWhole ? scopeOf(target) : undefined;
  if (scope === undefined) return { ...noData, kept };
  return { kept, ...(await findLeftovers({ engine, project, instances, leaving, scope })) };
}

/** On a terminal, lists the instances above the question. */
async function confirmClean(leaving: readonly ObservedInstance[], question: string): Promise<void> {
  if (process.stdin.isTTY) printToStderr(formatInstances(leaving));
  await confirmOrCancel({ question, hint: "add yes=true", yes: false });
}

/** The networks go with the last instance. */
async function networksToRemove(
  engine: ResolvedInstances["engine"],
  [first, ...others]: readonly ObservedInstance[],
  all: readonly ObservedInstance[],
  project: ResolvedInstances["project"],
): Promise<ReturnType<typeof findProjectNetworks>> {
  if (others.length + (first ? 1 : 0) < all.length) return [];
  const name = first?.project ?? project.name;
  return findProjectNetworks(engine, { name, origin: first?.origin ?? project.origin });
}

/** Which data is whose is decided for one machine at a time. */
function requireOneNode({ fleet }: ResolvedInstances["engine"]): void {
  if (!fleet || fleet.members.length === 1) return;
  const names = fleet.members.map(({ name }) => name).join(", ");
  const hint = `call it for each: node=NAME; there are: ${names}`;
  throw new ReynsError("INVALID_VALUE", "data=true works on one machine at a time", { hint });
}
