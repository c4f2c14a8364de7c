import { summarizeList } from "../lib/summarize-list.ts";
import {
  isPublished,
  isRunning,
  ownNameOf,
  type Observed,
  type ObservedInstance,
  type ObservedKeeper,
} from "./observed.ts";

/** What keeps an instance with a container from working as it should; the next `run` repairs each of them. */
export type Problem = "paused" | "disconnected" | "renamed";

/** For people, and each is true of one instance or of several. */
export const problemTexts: Readonly<Record<Problem, string>> = {
  paused: "paused",
  disconnected: "not in its networks",
  renamed: "renamed, outside Reyns",
};

/** A problem of one instance, as `json` shows it. Its code is stable. */
export interface InstanceProblem {
  readonly code: Problem | "keeper" | "orphan" | "missing" | "image";
  readonly message: string;
  /** The command that repairs it. */
  readonly remedy: string;
}

/**
 * Why an instance does not run, to follow its name.
 *
 * @example
 * stateText({ state: "exited", exitCode: 137 }) // "it has exited (137)"
 */
export function stateText({
  state,
  exitCode,
}: Pick<ObservedInstance, "state" | "exitCode">): string {
  if (state !== "exited") return `it is ${state}`;
  return exitCode === undefined ? "it has exited" : `it has exited (${exitCode})`;
}

export const runRemedy = "reyns run all";
export const orphanRemedy = "reyns clean orphans=true";

/** The worst problem of an instance; one that is stopped, or being replaced, has its own repair. */
export function findProblem(instance: ObservedInstance): Problem | undefined {
  if (instance.isDisconnected ?? instance.address === undefined) return "disconnected";
  if (instance.state === "paused") return "paused";
  return isRunning(instance) && instance.containerName !== ownNameOf(instance)
    ? "renamed"
    : undefined;
}

/** Whether nothing in it could renew its lease: a keeper does. */
export function needsKeeper(instance: ObservedInstance): boolean {
  const { registered, address, hasEntrypoint } = instance;
  return isPublished(registered) && address !== undefined && !hasEntrypoint && isRunning(instance);
}

/** What keeps a keeper from renewing leases; undefined if nothing does. */
export function findKeeperProblem(keeper: ObservedKeeper | undefined): string | undefined {
  if (!keeper) return "missing";
  if (keeper.state !== "running") return keeper.state === "exited" ? "stopped" : keeper.state;
  if (!keeper.isConnected) return "not in the project's network";
  return keeper.isRenamed ? problemTexts.renamed : undefined;
}

/**
 * What there is to say of instances that have keys which are gone here; undefined where none has.
 *
 * @example
 * // "the project's keys are missing, and web-one and web-two were started with them"
 */
export function findLostKeys(
  instances: readonly ObservedInstance[],
): { readonly message: string; readonly remedy: string } | undefined {
  const hosts = instances.filter(({ hasLostKeys }) => hasLostKeys).map(({ host }) => host);
  if (hosts.length === 0) return undefined;
  const [was, these] = hosts.length === 1 ? ["was", "this instance"] : ["were", "these instances"];
  return {
    message: `the project's keys (.reyns/keys) are missing, and ${summarizeList(hosts, 4)} ${was} started with them`,
    remedy: `reyns run all makes new keys and replaces ${these}; to keep the old ones, bring them back first: reyns keys import FILE`,
  };
}

interface ProblemContext extends Pick<Observed, "keeper"> {
  readonly isOrphan: boolean;
  /** The name of its image means a newer one by now, which "failed" to replace it. */
  readonly hasOlderImage?: boolean | "failed";
}

/** All problems of one instance; none when it works as it should. */
export function problemsOf(
  instance: ObservedInstance,
  { keeper, isOrphan, hasOlderImage }: ProblemContext,
): InstanceProblem[] {
  const problem = isRunning(instance) ? findProblem(instance) : undefined;
  const keeperProblem = needsKeeper(instance) ? findKeeperProblem(keeper) : undefined;
  return [
    ...(problem
      ? [{ code: problem, message: problemTexts[problem], remedy: remedyOf(problem, [instance]) }]
      : []),
    ...(keeperProblem === undefined ? [] : [repaired("keeper", keeperText(keeperProblem))]),
    ...(hasOlderImage ? [repaired("image", olderImageText(instance, hasOlderImage))] : []),
    ...(isOrphan
      ? [{ code: "orphan", message: "no longer defined", remedy: orphanRemedy } as const]
      : []),
  ];
}

function olderImageText({ image }: ObservedInstance, hasOlderImage: true | "failed"): string {
  const text = `${image} is a newer image by now`;
  return hasOlderImage === "failed" ? `${text}, which failed: fix the cause first` : text;
}

/** Whoever has paused it may not want a run of all: it continues as it is. */
function remedyOf(problem: Problem, instances: readonly ObservedInstance[]): string {
  const [first, ...others] = instances;
  if (problem !== "paused" || !first) return runRemedy;
  return others.length === 0
    ? `reyns unpause ${first.service} ${first.instance}`
    : "reyns unpause all";
}

function repaired(code: InstanceProblem["code"], message: string): InstanceProblem {
  return { code, message, remedy: runRemedy };
}

function keeperText(problem: string): string {
  return `the DNS lease keeper is ${problem}`;
}

/** The problem of an instance that should run and has no container. */
export const missingProblem = repaired("missing", "it should run and has no container");

/** A line for a person, and the command that repairs it. */
export interface ListedProblem {
  readonly text: string;
  readonly remedy: string;
}

/**
 * The problems of a project's running instances, one for each kind; none when all is well.
 *
 * @example
 * // "paused: web-one, web-two", "the DNS lease keeper is missing: db-one will lose its names"
 */
export function listProblems({
  instances,
  keeper,
}: Pick<Observed, "instances" | "keeper">): ListedProblem[] {
  const found = Map.groupBy(instances.filter(isRunning), findProblem);
  const lines = Object.entries(problemTexts).flatMap(([problem, text]) => {
    const affected = found.get(problem as Problem) ?? [];
    const hosts = affected.map(({ host }) => host);
    if (hosts.length === 0) return [];
    const remedy = remedyOf(problem as Problem, affected);
    return { text: `${text}: ${summarizeList(hosts, 3)}`, remedy };
  });
  const kept = instances.filter(needsKeeper).map(({ host }) => host);
  const problem = kept.length === 0 ? undefined : findKeeperProblem(keeper);
  if (problem === undefined) return lines;
  const them = kept.length === 1 ? "its names" : "their names";
  const text = `${keeperText(problem)}: ${summarizeList(kept, 3)} will lose ${them}`;
  return [...lines, { text, remedy: runRemedy }];
}
