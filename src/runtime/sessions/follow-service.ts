import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../../docker/client/engine.ts";
import { inspectService } from "../../docker/services/services.ts";
import { tasksLeft } from "../swarm/end-tasks.ts";

const pollMs = 1000;

/**
 * Reads the log of a service of Docker Swarm until the service is stopped and its tasks have ended, or it is gone: the log
 * itself goes on. Of one that is stopped, there is nothing to wait for.
 *
 * @param read reads it until its signal aborts
 */
export async function whileServiceRuns(
  engine: Engine,
  id: string,
  signal: AbortSignal,
  read: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  if (await isOver(engine, id)) return;
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const watching = waitForEnd(engine, id, either).finally(() => over.abort());
  // Awaited below.
  watching.catch(() => {});
  try {
    await read(either);
  } finally {
    over.abort();
  }
  await watching;
}

async function waitForEnd(engine: Engine, id: string, signal: AbortSignal): Promise<void> {
  do await pause(signal);
  while (!signal.aborted && !(await isOver(engine, id)));
  // The last lines may still be on their way.
  await pause(signal);
}

/**
 * Waits until a service that was stopped gets tasks again. Of one that is not, the log has ended all the same: it is not read
 * again without a pause.
 *
 * @returns when it was stopped, in seconds since 1970; undefined when it is gone, or the signal aborts
 */
export async function waitForTasks(
  engine: Engine,
  id: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  let stoppedAt: number | undefined;
  for (;;) {
    const service = signal.aborted ? undefined : await inspectService(engine, id);
    if (!service) return undefined;
    const isFirst = stoppedAt === undefined;
    stoppedAt ??= service.updatedAt;
    const hasTasks = service.spec.Mode.Replicated.Replicas > 0;
    if (!hasTasks || isFirst) await pause(signal);
    if (hasTasks) return signal.aborted ? undefined : stoppedAt;
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  await sleep(pollMs, undefined, { signal }).catch(() => {});
}

async function isOver(engine: Engine, id: string): Promise<boolean> {
  const service = await inspectService(engine, id);
  if (!service) return true;
  const isStopped = service.spec.Mode.Replicated.Replicas === 0;
  return isStopped && (await tasksLeft(engine, id)).length === 0;
}
