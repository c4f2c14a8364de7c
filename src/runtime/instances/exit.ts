import type { Engine } from "../../docker/client/engine.ts";
import {
  inspectContainer,
  stopContainer,
  type ContainerDetails,
} from "../../docker/containers/containers.ts";
import { ReynsError } from "../../errors.ts";
import { formatSize } from "../../lib/format-size.ts";
import { shellQuote } from "../../lib/shell-quote.ts";
import { labels } from "../../model/labels.ts";
import type { StartedContainer } from "./start.ts";
import { againLimitMs, minUptimeMs } from "./uptime-check.ts";

/** Rejects when the container has exited; stays pending while it runs. To be called when its output has ended. */
export async function failOnExit(
  host: string,
  started: StartedContainer,
  engine: Engine,
): Promise<never> {
  const isYoung = performance.now() - started.since < minUptimeMs;
  const details = await inspectAtExit(engine, started.id);
  const isRestarted =
    details !== undefined && (details.restarting || details.restarts > started.restarts);
  // Later restarts may be intended: they are up to the restart policy.
  if (details?.running && !(isRestarted && isYoung)) return new Promise(() => {});
  const status =
    exitStatusOf(details) ?? exitStatusOf(await inspectAtExit(engine, started.id, againLimitMs));
  throw await toExitError(host, started, engine, status);
}

/**
 * Resolves when a job has exited with status 0, which its restart policy may try several times. To be called when its
 * output has ended.
 *
 * @throws ReynsError JOB_FAILED with its last lines
 */
export async function requireSuccess(
  host: string,
  { id, watch }: Pick<StartedContainer, "id" | "watch">,
  engine: Engine,
): Promise<void> {
  // It may close its output long before it exits.
  let details = await inspectAtExit(engine, id, Infinity);
  while (details?.restarting === true && details.exitCode !== 0) {
    await Bun.sleep(restartPollMs);
    details = await inspectAtExit(engine, id, Infinity);
  }
  const status = exitStatusOf(details);
  if (status === 0) return;
  const message = `${host}: the job failed (status ${status ?? "unknown"})`;
  throw new ReynsError("JOB_FAILED", message, {
    hint: "fix the cause, and run it again",
    remedy: undefined,
    output: watch.recent(),
  });
}

/** The status of a container's last exit, where the Engine still has it. */
export async function lastExitStatus(engine: Engine, id: string): Promise<number | undefined> {
  return exitStatusOf(await inspectAtExit(engine, id));
}

/** The Engine's pauses between two tries grow from 100 ms to a minute. */
const restartPollMs = 100;

/** How long the Engine may take to report an exit after the end of the output. */
const exitReportDelayMs = 2000;

/** Inspects a container when it has exited. One that was restarted is about to exit again, which gives its status. */
async function inspectAtExit(
  engine: Engine,
  id: string,
  limitMs = exitReportDelayMs,
): Promise<ContainerDetails | undefined> {
  const start = performance.now();
  for (;;) {
    const details = await inspectContainer(engine, id);
    const hasExited = !details?.running || details.restarting;
    if (hasExited || performance.now() - start > limitMs) return details;
    await Bun.sleep(50);
  }
}

/** Once a container has been restarted, and runs, its previous status is gone. */
function exitStatusOf(details: ContainerDetails | undefined): number | undefined {
  return details?.running && !details.restarting ? undefined : details?.exitCode;
}

const exitErrors = new WeakMap<StartedContainer["watch"], Promise<ReynsError>>();

/**
 * The error of an instance that has exited. Stops it, since its restart policy would try again forever. Whoever sees the
 * exit first tells its status: the stop gives it another one.
 */
export function toExitError(
  host: string,
  started: Pick<StartedContainer, "id" | "watch">,
  engine: Engine,
  status: number | undefined,
): Promise<ReynsError> {
  const known = exitErrors.get(started.watch);
  const error = known ?? stopAndExplain(host, started, engine, status);
  exitErrors.set(started.watch, error);
  return error;
}

async function stopAndExplain(
  host: string,
  { id, watch }: Pick<StartedContainer, "id" | "watch">,
  engine: Engine,
  status: number | undefined,
): Promise<ReynsError> {
  await stopContainer(engine, id);
  const details = await inspectContainer(engine, id);
  if (!details || details.removing) {
    await untilRemoved(engine, id);
    return removedError(host);
  }
  const lines = watch.recent();
  const script = lines
    .findLast((line) => line.startsWith("reyns: prestartup script "))
    ?.replace("reyns: ", "");
  const remedy =
    script === undefined ? undefined : "safemode=true starts it without its prestartup scripts";
  const hints = [
    `${host} has been stopped and kept for inspection`,
    `fix the cause and run it again, or remove it: ${cleanCommand(details, host)}`,
    ...(remedy === undefined ? [] : [remedy]),
  ];
  return new ReynsError("START_FAILED", `${host}: ${script ?? describeExit(status, details)}`, {
    hint: hints.join("\n"),
    remedy,
    output: lines.filter((line) => !line.startsWith("reyns: ")),
  });
}

/** How long the Engine may take to remove a container. */
const removalLimitMs = 10_000;

/** Otherwise a plan that is made next would still find it. */
async function untilRemoved(engine: Engine, id: string): Promise<void> {
  const start = performance.now();
  while (performance.now() - start < removalLimitMs && (await inspectContainer(engine, id)))
    await Bun.sleep(50);
}

/** A command that was broken off may have asked the Engine for this, which gets to it only now. */
function removedError(host: string): ReynsError {
  return new ReynsError("PLAN_OUTDATED", `${host} was removed while it was starting`, {
    hint: "find out who removes it, and run it again",
  });
}

/** By SIGKILL. */
const killedStatus = 137;

function describeExit(status: number | undefined, details: ContainerDetails): string {
  if (details.oomKilled)
    return `was killed right after starting because it ran out of memory (status ${status ?? "unknown"}); allow more with memLimit`;
  // Docker 28 and Podman do not always notice that memory ran out.
  if (status === killedStatus && details.memLimit !== undefined)
    return `was killed right after starting (status ${status}), maybe because it ran out of its ${formatSize(details.memLimit)} of memory; if so, allow more with memLimit`;
  // Its restart policy was faster than the look at it.
  if (status === undefined) return "exited right after starting, and was restarted";
  const advice =
    status === 0 ? "; a service has to keep running: for a task that ends, use job()" : "";
  return `exited right after starting (status ${status})${advice}`;
}

/** `reyns clean web one`: this instance alone. */
function cleanCommand({ labels: values }: ContainerDetails, host: string): string {
  const names = [values[labels.service] ?? host, values[labels.instance] ?? ""];
  return ["reyns clean", ...names.filter((name) => name !== "").map(shellQuote)].join(" ");
}
