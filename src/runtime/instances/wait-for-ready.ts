import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../../docker/client/engine.ts";
import { hasCode, ReynsError } from "../../errors.ts";
import { inspectContainer } from "../../docker/containers/containers.ts";
import { shellQuote } from "../../lib/shell-quote.ts";
import { labels } from "../../model/labels.ts";
import type { Ready } from "../../model/readiness.ts";
import { defaultTimeout, type RestartInstance, type StartInstance } from "../../model/steps.ts";
import type { RuntimeContext } from "../context.ts";
import { registerDnsServer, registerInstance } from "../dns/register.ts";
import { rejectOnInterruption, waitForDeadline } from "./deadline.ts";
import { describeUnready, phaseOf } from "./describe-readiness.ts";
import { failOnExit, lastExitStatus, requireSuccess, toExitError } from "./exit.ts";
import type { OutputWatch } from "./output-watch.ts";
import { openReady } from "./sealed-ready.ts";
import { explainUnready, waitForReadiness, type Unready } from "./readiness.ts";
import type { StartedContainer } from "./start.ts";
import { checkUptime } from "./uptime-check.ts";

export type ReadyRequest = Pick<
  StartInstance | RestartInstance,
  "host" | "ready" | "timeout" | "register"
>;

type OpenRequest = Omit<ReadyRequest, "ready"> & { readonly ready: Ready };

interface WaitContext extends RuntimeContext {
  readonly onPhase: (phase: string) => void;
}

/**
 * Registers a started instance and waits until it is ready. Ends early when the container exits, at the timeout and on
 * an interruption; the instance keeps running then.
 *
 * @param onPhase receives the current phase as text
 * @throws ReynsError START_FAILED, NOT_READY, INTERRUPTED
 */
export async function waitForReady(
  request: ReadyRequest,
  started: StartedContainer,
  context: RuntimeContext,
  onPhase: (phase: string) => void,
): Promise<void> {
  const ready = await openReady(request.ready, context.keysFolder);
  if (!ready) context.emit({ kind: "warning", message: unreadableCheck(request.host) });
  const open = { ...request, ready: ready ?? { kind: "ports", address: "", ports: [] } } as const;
  await waitForOpened(open, started, context, onPhase);
}

function unreadableCheck(host: string): string {
  return `${host}: its ready check was recorded with other keys; it only has to keep running`;
}

async function waitForOpened(
  request: OpenRequest,
  started: StartedContainer,
  context: RuntimeContext,
  onPhase: (phase: string) => void,
): Promise<void> {
  const { ready, register } = request;
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  const exit = started.output.ended.then(() =>
    over.signal.aborted ? undefined : settleOnExit(request, started, context.engine),
  );
  const explain = { engine: context.engine, containerId: started.id };
  let pending = (): Promise<Unready> => explainUnready(ready, explain);
  onPhase(phaseOf(ready));
  const onReady = (): void => {
    if (!register) return;
    const reason = `the DNS at ${register.server} has not registered it`;
    pending = () => Promise.resolve({ reason });
    onPhase(`registering with ${register.server}`);
  };
  try {
    await Promise.race([
      waitForReadyAndRegistered(request, started, { ...context, signal, onPhase }, onReady),
      exit,
      rejectOnTimeout(request, started, () => pending(), { ...context, signal: over.signal }),
      rejectOnInterruption(context.signal, over.signal),
    ]);
    warnOfPrograms(request, started.watch, context);
  } finally {
    over.abort();
    exit.catch(() => {});
    started.output.close();
  }
}

/** As the Supervisor of our images logs it. What is ready need not be what runs in vain. */
const givenUp = /^[\d-]+ [\d:,]+ WARN gave up: (\S+) is FATAL: (.*)$/;

function warnOfPrograms({ host }: OpenRequest, watch: OutputWatch, { emit }: RuntimeContext): void {
  for (const [, program, reason] of watch.matches(givenUp)) {
    const message = `${host}: Supervisor cannot run its program ${program} (FATAL: ${reason}); fix it, then check with: reyns status`;
    emit({ kind: "warning", message });
  }
}

/** A job is done when it has exited; of everything else an exit is a failure. */
function settleOnExit(
  { host, ready }: OpenRequest,
  started: StartedContainer,
  engine: Engine,
): Promise<void> {
  return ready.kind === "completed"
    ? requireSuccess(host, started, engine)
    : failOnExit(host, started, engine);
}

/** Other instances are registered while they start; a DNS only when it is ready, since it registers itself. */
async function waitForReadyAndRegistered(
  request: OpenRequest,
  started: StartedContainer,
  context: WaitContext,
  onReady: () => void,
): Promise<void> {
  const ready = waitForReadyAndUp(request, started, context);
  if (request.ready.kind === "dns") {
    await ready;
    onReady();
    return registerNames(request, context);
  }
  let isRegistered = false;
  const registered = registerNames(request, context).then(() => (isRegistered = true));
  const announced = ready.then(() => (isRegistered ? undefined : onReady()));
  await Promise.all([announced, registered]);
}

async function waitForReadyAndUp(
  { host, ready, timeout = defaultTimeout }: OpenRequest,
  { id, since, restarts, watch }: StartedContainer,
  { engine, dns, signal, onPhase }: WaitContext,
): Promise<void> {
  const { waitForLine } = watch;
  const readiness = { engine, containerId: id, host, dns, waitForLine, timeout, signal, onPhase };
  await waitForReadiness(ready, readiness).catch((error: unknown) => {
    // The wait for a DNS has the same timeout as this one, and a more precise reason.
    if (!hasCode(error, "DNS_UNREACHABLE")) throw error;
    throw notReadyError({ host, ready, timeout }, watch, { reason: error.message });
  });
  const exit = await checkUptime(ready, { engine, id, since, restarts, timeout, signal });
  if (!exit) return;
  // With a quick restart policy the Engine reports the status of the next run already, which is 0.
  const status = exit.status || (await lastExitStatus(engine, id));
  throw await toExitError(host, { id, watch }, engine, status);
}

/** Milliseconds before the deadline at which it gives up, with the more precise reason. */
const registrationMargin = 1000;

/** Other instances cannot find one that is not registered, so the run has failed. */
async function registerNames(
  { register: registration, ready, host, timeout: seconds = defaultTimeout }: OpenRequest,
  { dns, signal }: RuntimeContext,
): Promise<void> {
  if (!registration) return;
  // A secondary DNS is registered with the first one, like any instance.
  const isOwn = ready.kind === "dns" && ready.address === registration.server;
  const registerWith = isOwn ? registerDnsServer : registerInstance;
  const timeout = seconds * 1000 - registrationMargin;
  await registerWith(registration, dns, { timeout, signal }).catch((error: unknown) => {
    if (!(error instanceof ReynsError)) throw error;
    const message = `${host}: running, but not registered in the DNS: ${error.message}`;
    throw new ReynsError(error.code, message, { hint: error.hint, cause: error });
  });
}

async function rejectOnTimeout(
  request: OpenRequest,
  { id, watch }: StartedContainer,
  pending: () => Promise<Unready>,
  { engine, signal }: Pick<RuntimeContext, "engine" | "signal">,
): Promise<never> {
  const timeout = await waitForDeadline(request, { engine, id, signal });
  const unready = await pending();
  throw notReadyError({ ...request, timeout }, watch, {
    ...unready,
    programs: await Promise.race([
      explainPrograms(engine, id).catch(() => undefined),
      sleep(explanationLimitMs, undefined, { ref: false }),
    ]),
  });
}

/** How long a Supervisor may take to say what it runs, on a busy machine: one that is stuck never does. */
const explanationLimitMs = 5000;

/** What keeps a Supervisor's programs from running; more time does not help then. */
interface FailedPrograms {
  readonly reason: string;
  /** The command that shows whether they run. */
  readonly check: string;
}

async function explainPrograms(engine: Engine, id: string): Promise<FailedPrograms | undefined> {
  const details = await inspectContainer(engine, id);
  if (!details?.running || details.paused || details.labels[labels.base] !== "true")
    return undefined;
  const { describeFailedPrograms } = await import("../sessions/supervisor.ts");
  const reason = await describeFailedPrograms(engine, { id, state: "running" });
  const service = shellQuote(details.labels[labels.service] ?? "");
  return reason === undefined ? undefined : { reason, check: `reyns status ${service}`.trimEnd() };
}

function notReadyError(
  { host, timeout, ready }: Pick<OpenRequest, "host" | "ready"> & { readonly timeout: number },
  watch: OutputWatch,
  {
    reason,
    hint: wayOut,
    isUnhealthy = false,
    programs,
  }: Unready & { readonly programs?: FailedPrograms | undefined },
): ReynsError {
  const isJob = ready.kind === "completed";
  const fault = isUnhealthy
    ? "but unhealthy after all retries of its health check: fix what that reports"
    : programs && `but ${programs.reason}; fix it, then check with: ${programs.check}`;
  const more = fault === undefined ? "allow more time with timeout=SECONDS" : undefined;
  const running = `${host} is still running${more === undefined ? `, ${fault}` : `; ${more}`}`;
  const state = isJob
    ? `has not ended after ${timeout} s`
    : `not ready after ${timeout} s, ${reason}`;
  const hasScripts = ready.kind === "entrypoint" || ready.kind === "prestartup";
  const runsScripts = hasScripts && reason === describeUnready(ready);
  const hintOf = (first: string | undefined): string | undefined => {
    const lines = [first, wayOut].filter((line) => line !== undefined);
    if (lines.length === 0) return undefined;
    return `${lines.join("\n")}${runsScripts ? ", or skip its scripts with safemode=true" : ""}`;
  };
  return new ReynsError("NOT_READY", `${host}: ${state}`, {
    hint: hintOf(running),
    remedy: hintOf(more ?? programs?.reason),
    output: watch.recent(),
  });
}
