import { setTimeout as sleep } from "node:timers/promises";
import {
  inspectContainer,
  nextExit,
  type ContainerDetails,
} from "../../docker/containers/containers.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { hasPath } from "../../docker/containers/copy.ts";
import type { Ready } from "../../model/steps.ts";

/** Milliseconds from its start that an instance has to run, where nothing else shows that its service does. */
export const minUptimeMs = 2000;

interface UptimeContext {
  readonly engine: Engine;
  readonly id: string;
  /** When it was started, by `performance.now()`. */
  readonly since: number;
  /** How often its restart policy had started it before. */
  readonly restarts: number;
  /** Seconds until it has to be ready. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** How an instance has ended. */
export interface ContainerExit {
  /** Exit status, where the Engine still knows it. */
  readonly status: number | undefined;
}

/**
 * Waits until an instance that is ready has shown that it lives: by what its readiness asks of the service itself, by
 * its Supervisor, or by two seconds.
 *
 * @returns how it has ended, when it has
 */
export async function checkUptime(
  ready: Ready,
  lives: UptimeContext,
): Promise<ContainerExit | undefined> {
  if (!needsUptimeCheck(ready)) return undefined;
  const over = new AbortController();
  const signal = AbortSignal.any([lives.signal, over.signal]);
  const end = nextExit(lives.engine, lives.id, signal);
  // It may fail before anybody waits for it.
  end.catch(() => {});
  try {
    const details = await inspectContainer(lives.engine, lives.id);
    if (!details?.running) return { status: details?.exitCode };
    if (details.health === "healthy") return undefined;
    const waits = [pause(remaining(lives), signal)];
    if (isSupervised(ready, details)) waits.push(waitForSupervisor(lives, signal));
    const status = await Promise.race([end, ...waits]);
    return typeof status === "number" || details.restarts > lives.restarts
      ? { status: status ?? undefined }
      : undefined;
  } finally {
    over.abort();
  }
}

/** Prestartup is done before the service begins; without ports and checks nothing is known of it. */
function needsUptimeCheck(ready: Ready): boolean {
  return ready.kind === "entrypoint" || (ready.kind === "ports" && ready.ports.length === 0);
}

function remaining({ since, timeout }: UptimeContext): number {
  return Math.min(minUptimeMs, timeout * 900) - (performance.now() - since);
}

/** The base image's own command: one whose settings are wrong ends before it listens. */
function isSupervised({ kind }: Ready, { command }: ContainerDetails): boolean {
  return kind === "entrypoint" && command.join(" ") === "supervisord";
}

async function waitForSupervisor(
  { engine, id }: UptimeContext,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && !(await hasPath(engine, id, "/run/supervisor.sock")))
    await pause(20, signal);
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, milliseconds), undefined, { signal }).catch(() => {});
}
