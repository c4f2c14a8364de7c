import type { AwaitName } from "../model/await-name.ts";
import type { ObservedInstance } from "../model/observed.ts";
import type { AwaitInstance, CreateNetwork, Step } from "../model/steps.ts";
import { adoptionSteps } from "./adoption.ts";
import type { Decided } from "./converge.ts";
import type { DescribedStart } from "./describe/described-start.ts";
import { isSequential } from "./describe/describe-all.ts";
import { awaitNameId } from "./describe/awaited.ts";
import { awaitStep, restartStepOf, resumeStepOf } from "./describe/readiness.ts";
import { afterDiscards, discards } from "./handover/discards.ts";
import { keeperSteps } from "./keeper-steps.ts";
import { planClean } from "./lifecycle-plan.ts";
import type { Bringing } from "./bringing.ts";
import { orderStarts } from "./order-starts.ts";
import { orphanReason } from "./orphans.ts";
import { buildsFor } from "./prerequisites.ts";
import { planRoutes } from "./router/configure.ts";
import type { StepsContext } from "./run-request.ts";

/**
 * All images come first, then the networks, then the removal of orphans: an image that cannot be built or pulled, or a
 * network that cannot be made, costs nothing that runs.
 */
export function stepsOf(decided: readonly Decided[], context: StepsContext): Step[] {
  const { prune, orphans, observed, previousRunFailed } = context;
  const starting = decided.filter(({ placed }) => placed.starts);
  const leaving = prune ? orphans : [];
  const { first: keeping, last: keepingLast, wait: afterKeeper } = keeperSteps(starting, context);
  const builds = buildsFor(starting, keeping, context);
  const images = builds.map(({ id }) => id);
  const meant = context.networks.filter(
    ({ id, name }) => id === "network" || starting.some((one) => isIn(name, one)),
  );
  const isMaking = starting.length > 0 || keeping.some(({ kind }) => kind === "keep-leases");
  const made = isMaking ? meant.filter(({ replaces }) => !replaces).map(({ id }) => id) : [];
  const adoptions = adoptionSteps(context.adopted, [...images, ...made]);
  const removals = planClean(leaving, observed.instances, [], orphanReason).map((step) => ({
    ...step,
    after: [...step.after, ...images, ...made],
  }));
  const gone = removals.map(({ id }) => id);
  const networks = meant.map((step) => ({
    ...step,
    after: [...images, ...(step.replaces ? gone : [])],
  }));
  const first = [...builds, ...networks];
  const needed = [...first, ...adoptions].map(({ id }) => id);
  const names = awaitNames(starting, context.timeout);
  const waits = decided.flatMap((instance) =>
    awaitStep(instance, previousRunFailed || isUnsure(instance.placed.existing)),
  );
  const replaced = starting.map(bringingOf).map((one) => withTogether(one, networks));
  const bringing = replaced.map((one) => withSharers(one, replaced));
  const starts = orderStarts(bringing, {
    before: [...first, ...waits, ...names],
    needed,
    removals,
    leaving,
    isSequential: isSequential(context),
    atOnce: context.jobs ?? 1,
  });
  const routes = planRoutes(decided, context);
  return [
    ...(isMaking ? first : []),
    ...adoptions,
    ...removals,
    ...keeping.map((step) => ({ ...step, after: needed })),
    ...waits,
    ...names,
    ...discards(decided, [...waits, ...routes]),
    ...starts.map((step) => afterUnfinished(afterKeeper(step), decided, waits)),
    ...routes,
    ...keepingLast,
  ];
}

/** Nobody may have waited until it was ready, or it has become unhealthy since. */
function isUnsure(existing: ObservedInstance | undefined): boolean {
  if (!existing) return false;
  const { predecessor, health = "healthy" } = existing;
  return predecessor !== undefined || health !== "healthy";
}

/** One step for each name on another machine. The DNS that has to know it may be one that this run starts. */
function awaitNames(starting: readonly Decided[], timeout: number | undefined): AwaitName[] {
  const awaited = starting.flatMap((instance) => instance.awaited);
  const unique = new Map(awaited.map((name) => [name.host, name]));
  const servers = starting.filter(({ placed }) => placed.isDns);
  return [...unique.values()].map(({ host, group, server, zone }) => ({
    kind: "await-name",
    id: awaitNameId(host),
    title: host,
    reason: `runs in the group ${group}`,
    ...{ group, server, zone, timeout },
    after: servers.map(({ step }) => step.id),
  }));
}

function isIn(network: string, { placed: { endpoints, existing } }: DescribedStart): boolean {
  return (
    endpoints.some((endpoint) => endpoint.network.name === network) ||
    (existing?.networks?.some(({ name }) => name === network) ?? false)
  );
}

/** All that were in a network which is made anew start in it, or none. */
function withTogether(bringing: Bringing, networks: readonly CreateNetwork[]): Bringing {
  const { step, described } = bringing;
  const replaced = networks.find(({ replaces, name }) => replaces && isIn(name, described));
  if (!replaced || step.kind !== "start-instance" || !described.placed.existing) return bringing;
  return { ...bringing, step: { ...step, together: replaced.together } };
}

/** An instance and those that share its network are replaced together, or none of them. */
function withSharers(bringing: Bringing, all: readonly Bringing[]): Bringing {
  const { step, described } = bringing;
  if (step.kind !== "start-instance" || !described.placed.existing) return bringing;
  const hostOf = ({ placed: { shared, selected } }: DescribedStart): string =>
    shared?.host ?? selected.host;
  const owner = hostOf(described);
  const group = all.filter((one) => hostOf(one.described) === owner && isReplacement(one));
  if (group.length < 2 || !group.includes(bringing)) return bringing;
  const ofNetwork = group.flatMap((one) =>
    one.step.kind === "start-instance" ? (one.step.together ?? []) : [],
  );
  return { ...bringing, step: { ...step, together: ofNetwork[0] ?? `network of ${owner}` } };
}

function isReplacement({ step, described }: Bringing): boolean {
  return step.kind === "start-instance" && described.placed.existing !== undefined;
}

/** A replacement waits until one of its service that was broken off is complete, so that one of them always serves. */
function afterUnfinished<Start extends Step & { readonly host: string }>(
  given: Start,
  decided: readonly Decided[],
  waits: readonly AwaitInstance[],
): Start {
  const start = afterDiscards(given, decided);
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
