import { isDone, isRunning, type ObservedInstance } from "../model/observed.ts";
import type { Step } from "../model/steps.ts";
import { patternsOf } from "./select/match.ts";

/** What `stopped=true` takes, and what it leaves although its own container has ended. */
export interface StoppedInstances {
  readonly leaving: readonly ObservedInstance[];
  /** Another container of theirs runs, from a replacement that was cut off. */
  readonly halfUp: readonly ObservedInstance[];
  /** Jobs that are done: without their containers, the next run would repeat them. */
  readonly done: readonly ObservedInstance[];
}

export interface StoppedQuery {
  /** As the call names it: jobs that are done go only with the name of their service. */
  readonly service: string;
  /** No run would repeat any of them. */
  readonly areOrphans: boolean;
}

export function selectStopped(
  instances: readonly ObservedInstance[],
  { service, areOrphans }: StoppedQuery,
): StoppedInstances {
  const named = new Set(patternsOf(service));
  const isKept = (job: ObservedInstance): boolean => !areOrphans && !named.has(job.service);
  const ended = instances.filter((instance) => !isRunning(instance));
  const halfUp = ended.filter((instance) => instance.isPredecessorUp || instance.isSuccessorUp);
  const done = ended.filter((instance) => isDone(instance) && isKept(instance));
  const kept = new Set([...halfUp, ...done]);
  return { leaving: ended.filter((instance) => !kept.has(instance)), halfUp, done };
}

/** Whoever has started a container since it was observed keeps it. */
export function requireStopped(steps: readonly Step[]): Step[] {
  return steps.map((step) =>
    step.kind === "remove-instance" ? { ...step, requiresStopped: true } : step,
  );
}
