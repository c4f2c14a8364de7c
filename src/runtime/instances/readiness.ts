import { waitForDns } from "../../dns/client/query.ts";
import { inspectContainer, type ContainerDetails } from "../../docker/containers/containers.ts";
import { runHealthCheck } from "../../docker/containers/health-check.ts";
import { listProcesses } from "../../docker/containers/top.ts";
import { errorStatus } from "../../docker/client/errors.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { ReynsError } from "../../errors.ts";
import type { ReadyCheck } from "../../model/project.ts";
import type { Ready } from "../../model/readiness.ts";
import type { DnsAccess } from "../dns/client.ts";
import { runInInstance } from "../sessions/exec.ts";
import { describeFailedHealth, describeUnready, hintForPorts } from "./describe-readiness.ts";
import type { OutputWatch } from "./output-watch.ts";
import { poll } from "./poll.ts";
import { createProbe } from "./probe.ts";

export interface ReadinessContext {
  readonly engine: Engine;
  readonly containerId: string;
  readonly host: string;
  readonly dns: DnsAccess;
  readonly waitForLine: OutputWatch["waitForLine"];
  /** Seconds within which it has to become ready. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: string) => void;
}

/** Our entrypoint prints it when the prestartup scripts are done. */
const readyLine = /^reyns: ready\b/;

/** Waits until an instance is ready. The caller watches for its exit and the timeout. */
export async function waitForReadiness(ready: Ready, context: ReadinessContext): Promise<void> {
  switch (ready.kind) {
    case "entrypoint":
      await context.waitForLine(readyLine);
      return waitForOwnHealth(ready, context);
    case "prestartup":
      await poll(context.signal, async () => !(await isRunningScripts(context)));
      return waitForOwnHealth(ready, context);
    case "dns":
      return waitForZone(ready, context);
    case "ports":
      if (!(await hasHealthcheck(context)))
        return waitForPorts(context, ready.address, ready.ports);
      return waitForHealth(context);
    case "tasks":
    case "completed":
      // Its exit decides: the caller watches for that.
      return new Promise(() => {});
    case "check":
      return waitForCheck(ready.check, ready.address, context);
  }
}

/** Settings alone, such as an interval, make no check for an image without one. */
async function waitForOwnHealth(
  { healthy }: Extract<Ready, { kind: "entrypoint" | "prestartup" }>,
  context: ReadinessContext,
): Promise<void> {
  if (healthy && (await hasHealthcheck(context))) await waitForHealth(context);
}

function waitForHealth(context: ReadinessContext): Promise<void> {
  context.onPhase(awaitedHealth);
  return pollHealth(context);
}

const awaitedHealth = "waiting for its health check";

/** An unhealthy container may become healthy all the same; meanwhile, its check says what is wrong. */
async function pollHealth(context: ReadinessContext): Promise<void> {
  let told = awaitedHealth;
  await poll(context.signal, async () => {
    const { health, healthOutput } = await readHealth(context);
    const phase =
      health === "unhealthy"
        ? `waiting, but unhealthy: ${describeFailedHealth(healthOutput)}`
        : awaitedHealth;
    if (health !== "healthy" && phase !== told) context.onPhase((told = phase));
    return health === "healthy";
  });
}

function waitForCheck(
  check: ReadyCheck,
  address: string,
  context: ReadinessContext,
): Promise<void> {
  switch (check.kind) {
    case "tcp":
      return waitForPorts(context, address, [check.port]);
    case "http":
      return waitForResponse(context, address, check);
    case "log":
      return context.waitForLine(new RegExp(check.pattern, check.flags.replace(/[gy]/g, "")));
    case "command":
      return poll(context.signal, () => succeeds(context, check.command));
    case "file":
      return poll(context.signal, () => succeeds(context, ["test", "-e", check.path]));
    case "healthy":
      return pollHealth(context);
    case "started":
      return Promise.resolve();
  }
}

async function waitForZone(
  { address, zone, copies }: Extract<Ready, { kind: "dns" }>,
  context: ReadinessContext,
): Promise<void> {
  const { dns, timeout, signal } = context;
  const { server, dial } = await dns.to(address);
  await waitForDns(zone, { server, dial, signal, timeout: timeout * 1000 });
  if (copies) await waitForCopy(context);
}

/** A secondary DNS without the names would deny them. While the first one is off, there is nothing to wait for. */
async function waitForCopy(context: ReadinessContext): Promise<void> {
  context.onPhase("waiting for it to copy the zone");
  const end = performance.now() + Math.min(longestCopyMs, context.timeout * 500);
  const isOver = (): boolean => performance.now() >= end;
  await poll(context.signal, async () => isOver() || succeeds(context, ["test", "-e", copiedMark]));
}

const longestCopyMs = 10_000;
/** The follower in the image makes it. */
const copiedMark = "/run/named/copied";

async function waitForPorts(
  context: ReadinessContext,
  address: string,
  ports: readonly number[],
): Promise<void> {
  const probe = await createProbe({ ...context, address });
  await Promise.all(ports.map((port) => poll(context.signal, () => probe.accepts(port))));
}

async function waitForResponse(
  context: ReadinessContext,
  address: string,
  { port, path }: Extract<ReadyCheck, { kind: "http" }>,
): Promise<void> {
  const probe = await createProbe({ ...context, address });
  await poll(context.signal, () => probe.answers(port, path));
}

async function succeeds(
  { engine, containerId }: ReadinessContext,
  command: readonly string[],
): Promise<boolean> {
  try {
    return (await runInInstance(engine, containerId, { command })).exitStatus === 0;
  } catch (error) {
    // The container is not running; the caller reports its exit.
    if (errorStatus(error) === 409) return false;
    throw error;
  }
}

/** The entrypoint runs them, and then executes the seed command in its place. */
async function isRunningScripts({
  engine,
  containerId,
}: Pick<ReadinessContext, "engine" | "containerId">): Promise<boolean> {
  const processes = await listProcesses(engine, containerId);
  return processes.some((command) => command.includes("/usr/lib/reyns/entrypoint"));
}

/** Why an instance is not ready, and a way out that the reason suggests. */
export interface Unready {
  readonly reason: string;
  readonly hint?: string | undefined;
  /** Its health check has failed as often as its retries allow. */
  readonly isUnhealthy?: boolean;
}

/** Explains why an instance is not ready yet, with the last line of its health check if that is what it waits for. */
export async function explainUnready(
  ready: Ready,
  context: Pick<ReadinessContext, "engine" | "containerId">,
): Promise<Unready> {
  const described = { reason: describeUnready(ready), hint: hintForPorts(ready) };
  if (!(await isWaitingForHealth(ready, context))) return described;
  const details = await inspectContainer(context.engine, context.containerId);
  if (details?.health === undefined) return described;
  const reason = describeFailedHealth(details.healthOutput);
  const isUnhealthy = details.health === "unhealthy";
  return isUnhealthy ? { reason: `it is unhealthy, ${reason}`, isUnhealthy } : { reason };
}

async function isWaitingForHealth(
  ready: Ready,
  context: Pick<ReadinessContext, "engine" | "containerId">,
): Promise<boolean> {
  if (ready.kind === "check") return ready.check.kind === "healthy";
  if (ready.kind === "entrypoint" || ready.kind === "prestartup")
    return ready.healthy === true && !(await isRunningScripts(context).catch(() => false));
  return ready.kind === "ports";
}

async function hasHealthcheck({ engine, containerId }: ReadinessContext): Promise<boolean> {
  return (await inspectContainer(engine, containerId))?.health !== undefined;
}

async function readHealth({
  engine,
  containerId,
  host,
}: ReadinessContext): Promise<Pick<ContainerDetails, "health" | "healthOutput">> {
  await runHealthCheck(engine, containerId);
  const details = await inspectContainer(engine, containerId);
  if (details?.health !== undefined) return details;
  const message = `${host} has no health check to wait for, neither in its definition nor in its image`;
  throw new ReynsError("NOT_READY", message, {
    hint: "add a healthcheck, or do not wait for one:\nin depends_on of a Compose file, condition: service_started; in reyns.ts, another check than ready.healthy()",
  });
}
