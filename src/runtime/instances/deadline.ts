import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../../docker/client/engine.ts";
import { inspectContainer } from "../../docker/containers/containers.ts";
import { ReynsError } from "../../errors.ts";
import type { Ready } from "../../model/readiness.ts";
import type { SealedReady } from "../../model/sealed-ready.ts";
import { defaultTimeout } from "../../model/steps.ts";

interface DeadlineContext {
  readonly engine: Engine;
  readonly id: string;
  readonly signal: AbortSignal;
}

/**
 * Resolves when an instance has had its time to become ready. The start period of its health check, of its definition
 * or its image, comes on top of the default, and one that has come to no result by then has the time for all of its
 * retries; a job has all the time it needs.
 *
 * @param timeout seconds; undefined for the default
 * @returns the seconds that have passed
 */
export async function waitForDeadline(
  { ready, timeout }: { readonly ready: Ready | SealedReady; readonly timeout: number | undefined },
  { engine, id, signal }: DeadlineContext,
): Promise<number> {
  if (timeout === undefined && ready.kind === "completed") return new Promise(() => {});
  await sleep((timeout ?? defaultTimeout) * 1000, undefined, { signal });
  if (timeout !== undefined) return timeout;
  const { startPeriod = 0, healthLimit = 0 } = (await inspectContainer(engine, id)) ?? {};
  await sleep(startPeriod * 1000, undefined, { signal });
  let passed = defaultTimeout + startPeriod;
  if (!awaitsHealth(ready)) return passed;
  while (passed < healthLimit && (await inspectContainer(engine, id))?.health === "starting") {
    const seconds = Math.min(1, healthLimit - passed);
    await sleep(seconds * 1000, undefined, { signal });
    passed += seconds;
  }
  return passed;
}

/** Rejects on an interruption, which ends the wait alone: the instance keeps running. @param over ends the watch */
export function rejectOnInterruption(
  signal: AbortSignal,
  over = new AbortController().signal,
): Promise<never> {
  return new Promise((_, reject) => {
    const error = new ReynsError("INTERRUPTED", "interrupted");
    if (signal.aborted) reject(error);
    signal.addEventListener("abort", () => reject(error), { once: true, signal: over });
  });
}

function awaitsHealth(ready: Ready | SealedReady): boolean {
  switch (ready.kind) {
    case "ports":
      return true;
    case "entrypoint":
    case "prestartup":
      return ready.healthy === true;
    case "check":
      return ready.check.kind === "healthy";
    case "sealed":
      return ready.check === "healthy";
    default:
      return false;
  }
}
