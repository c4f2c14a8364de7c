import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../../docker/client/engine.ts";
import { inspectContainer, type ContainerDetails } from "../../docker/containers/containers.ts";
import { watchExit } from "../../docker/containers/exit.ts";
import { hasPath } from "../../docker/containers/copy.ts";
import type { Ready } from "../../model/readiness.ts";
import { poll } from "./poll.ts";

/** How long an instance has to run where nothing else shows that its service works. */
export const minUptimeMs = 1000;

/** How long a Supervisor may take to listen or to exit, on a busy machine; its settings may have no socket. */
const supervisorLimitMs = 5000;

/** How long a restart policy may take to start it, and it to exit once more. */
export const againLimitMs = 5000;

interface UptimeContext {
  readonly engine: Engine;
  readonly id: string;
  /** When it was started, by `performance.now()`. */
  readonly since: number;
  /** How often its restart policy had restarted it until then. */
  readonly restarts: number;
  /** Seconds within which it has to become ready. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

export interface ContainerExit {
  /** Exit status, where the Engine still has it. */
  readonly status: number | undefined;
}

/**
 * Checks that an instance keeps running after it became ready: for a second, or until its health check passes or its
 * Supervisor listens.
 *
 * @returns its exit; undefined when it keeps running
 */
export async function checkUptime(
  ready: Ready,
  context: UptimeContext,
): Promise<ContainerExit | undefined> {
  if (!needsUptimeCheck(ready)) return undefined;
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  // Its command begins when its prestartup scripts have ended.
  const since = ready.kind === "entrypoint" ? performance.now() : context.since;
  try {
    const exit = await watchExit(context.engine, context.id, "next-exit", signal);
    const details = await inspectContainer(context.engine, context.id);
    if (!details?.running) return { status: details?.exitCode };
    if (details.health === "healthy") return undefined;
    const stayedUp = isSupervised(ready, details)
      ? [pause(remainingMs(context, supervisorLimitMs), signal), waitForSupervisor(context, signal)]
      : [pause(remainingMs({ ...context, since }, minUptimeMs), signal)];
    const status = await Promise.race([exit.status, ...stayedUp]);
    if (typeof status === "number") return { status };
    if (details.restarts <= context.restarts) return undefined;
    // It exited before the Engine watched it, and will again: its policy waits longer each time.
    const next = await Promise.race([exit.status, pause(againLimitMs, signal)]);
    return { status: next ?? undefined };
  } finally {
    over.abort();
  }
}

/** The prestartup scripts end before the service starts, and without ports nothing is known about it. */
function needsUptimeCheck(ready: Ready): boolean {
  return ready.kind === "entrypoint" || (ready.kind === "ports" && ready.ports.length === 0);
}

function remainingMs({ since, timeout }: UptimeContext, limitMs: number): number {
  return Math.min(limitMs, timeout * 900) - (performance.now() - since);
}

/** Whether it runs the base image's own command: a Supervisor with invalid settings exits before it listens. */
function isSupervised({ kind }: Ready, { command }: ContainerDetails): boolean {
  return kind === "entrypoint" && command.join(" ") === "supervisord";
}

function waitForSupervisor({ engine, id }: UptimeContext, signal: AbortSignal): Promise<void> {
  return poll(signal, () => hasPath(engine, id, "/run/supervisor.sock"));
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, milliseconds), undefined, { signal }).catch(() => {});
}
