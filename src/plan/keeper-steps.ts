import type { ObservedKeeper } from "../model/observed.ts";
import type { CreateNetwork, Step } from "../model/steps.ts";
import type { Decided } from "./converge.ts";
import { leasesOf, leasesOfStart, planKeeper, type KeptLease } from "./dns-keeper.ts";
import { hasEntrypoint } from "./resolve/images.ts";
import type { StepsContext } from "./run-request.ts";

/** What the keeper of leases is told in a run, and when. */
interface KeeperSteps {
  /** Before the instances start that it renews leases for. */
  readonly first: readonly Step[];
  /** When those that start beside the containers which have their names have taken them over. */
  readonly last: readonly Step[];
  /** The start of an instance after the keeper knows of it. */
  readonly wait: <Start extends Step & { readonly host: string }>(start: Start) => Start;
}

/** A ready image starts when its lease is renewed: if that fails, a later run has to begin there again. */
export function keeperSteps(starting: readonly Decided[], context: StepsContext): KeeperSteps {
  const usual = starting.filter((one) => !isBeside(one));
  const beside = starting.filter(isBeside).filter((one) => keptAmong([one], context).length > 0);
  const kept = keptAmong(usual, context);
  const first = keeperOf(usual, context);
  const ids = first.map(({ id }) => id);
  const last = beside.length === 0 ? [] : keeperOf(starting, context);
  return {
    first,
    last: last.map((step) => ({
      ...step,
      // The first step has replaced it.
      ...(step.kind === "keep-leases" && first.length > 0 ? { replaces: undefined } : {}),
      id: `${step.id} at the end`,
      after: [...ids, ...beside.map(({ step: { id } }) => id)],
    })),
    wait: (start) =>
      kept.some(({ host }) => host === start.host)
        ? { ...start, after: [...start.after, ...ids] }
        : start,
  };
}

function isBeside({ step }: Decided): boolean {
  return step.replacing?.order === "start-first";
}

/** What starts without our entrypoint: ready images, and images of ours with another entrypoint. */
function keptAmong(
  starting: readonly Decided[],
  { project, observed }: StepsContext,
): readonly KeptLease[] {
  return starting
    .filter(
      ({ placed: { image, selected } }) =>
        selected.definition.runtime?.entrypoint !== undefined ||
        !hasEntrypoint(project, image, observed),
    )
    .flatMap(({ step }) => leasesOfStart(step));
}

/** The keeper's list has these, besides those of the instances that run on. */
function keeperOf(starting: readonly Decided[], context: StepsContext): Step[] {
  const { project, observed, hostHostname, previousRunFailed, prune, orphans, networks } = context;
  const hosts = new Set([
    ...starting.map(({ step }) => step.host),
    ...(prune ? orphans.map(({ host }) => host) : []),
  ]);
  const staying = observed.instances.filter(({ host }) => !hosts.has(host));
  return planKeeper({
    project,
    keeper: stoppedBy(networks, observed.keeper),
    before: observed.instances.flatMap(leasesOf),
    after: [...staying.flatMap(leasesOf), ...keptAmong(starting, context)],
    hostHostname,
    force: previousRunFailed,
  });
}

/** Whatever is in a network that is made anew is stopped first. */
function stoppedBy(
  networks: readonly CreateNetwork[],
  keeper: ObservedKeeper | undefined,
): ObservedKeeper | undefined {
  const stops = networks.some(({ id, replaces }) => id === "network" && replaces);
  return keeper && stops ? { ...keeper, state: "exited" } : keeper;
}
