import {
  inspectContainer,
  startContainer,
  stopContainer,
  type ContainerDetails,
} from "../../docker/containers/containers.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { attachOutput, type AttachedOutput } from "../../docker/streams/attach-output.ts";
import { ReynsError } from "../../errors.ts";
import type { RestartInstance, StartInstance } from "../../model/steps.ts";
import { registerInstance, registerDnsServer } from "../dns/register.ts";
import { watchOutput, type OutputWatch } from "./output-watch.ts";
import { checkUptime, minUptimeMs } from "./uptime-check.ts";
import { describeUnready, phaseOf, waitForReadiness } from "./readiness.ts";
import type { RuntimeContext } from "../context.ts";

type StartRequest = Pick<
  StartInstance | RestartInstance,
  "host" | "ready" | "timeout" | "register"
>;

/** A container whose output is heard. */
export interface StartedContainer {
  readonly id: string;
  /** When it was started, or first looked at, by `performance.now()`. */
  readonly since: number;
  /** How often its restart policy had started it before. */
  readonly restarts: number;
  readonly watch: OutputWatch;
  readonly output: AttachedOutput;
}

/** Hears a container from now on: one that is about to start from its first byte, one that runs from here. */
export async function watchContainer(engine: Engine, id: string): Promise<StartedContainer> {
  const restarts = (await inspectContainer(engine, id))?.restarts ?? 0;
  return attachWatch(engine, id, restarts);
}

async function attachWatch(
  engine: Engine,
  id: string,
  restarts: number,
): Promise<StartedContainer> {
  const watch = watchOutput();
  const output = await attachOutput(engine, id, watch.add);
  return { id, watch, output, since: performance.now(), restarts };
}

/** @param isNew it has never run */
export async function startWatched(
  engine: Engine,
  id: string,
  isNew: boolean,
): Promise<StartedContainer> {
  const started = await (isNew ? attachWatch(engine, id, 0) : watchContainer(engine, id));
  try {
    await startContainer(engine, id);
    return { ...started, since: performance.now() };
  } catch (error) {
    started.output.close();
    throw error;
  }
}

/** What is decided by the way; the phases are words for people. */
type OnPhase = (phase: string) => void;

/**
 * Makes a started instance's names known and waits until it is ready. Whichever comes first decides: ready and known,
 * its end, the deadline, an interruption.
 *
 * @throws ReynsError START_FAILED, NOT_READY, INTERRUPTED
 */
export async function waitForReady(
  starting: StartRequest,
  started: StartedContainer,
  context: RuntimeContext,
  onPhase: OnPhase,
): Promise<void> {
  const over = new AbortController();
  const limits = AbortSignal.any([context.signal, over.signal]);
  const itsEnd = started.output.ended.then(() =>
    over.signal.aborted ? undefined : failOnExit(starting, started, context.engine),
  );
  const { ready, register } = starting;
  let lack = describeUnready(ready);
  onPhase(phaseOf(ready));
  const onReady = (): void => {
    if (!register) return;
    lack = `the DNS at ${register.server} has not taken its names`;
    onPhase(`registering with ${register.server}`);
  };
  try {
    await Promise.race([
      waitForReadyAndRegistered(starting, started, { ...context, signal: limits }, onReady),
      itsEnd,
      rejectOnTimeout(starting, started.watch, { lack: () => lack, signal: limits }),
      rejectOnInterruption(context.signal, over.signal),
    ]);
  } finally {
    over.abort();
    itsEnd.catch(() => {});
    started.output.close();
  }
}

/** A DNS can only be told of itself when it answers; the others are made known while they get ready. */
async function waitForReadyAndRegistered(
  starting: StartRequest,
  { id, since, restarts, watch }: StartedContainer,
  { engine, dns, signal }: RuntimeContext,
  onReady: () => void,
): Promise<void> {
  const { host, ready, timeout, register } = starting;
  const { waitForLine: lineMatching } = watch;
  const watched = { engine, containerId: id, host, dns, lineMatching, timeout, signal };
  const becomesReady = waitForReadiness(ready, watched).catch((error: unknown) => {
    // The wait for a DNS has the same deadline as this one, and knows more of what it lacks.
    if (!(error instanceof ReynsError) || error.code !== "DNS_UNREACHABLE") throw error;
    throw notReadyError(starting, watch, error.message);
  });
  const lives = async (): Promise<void> => {
    await becomesReady;
    const end = await checkUptime(ready, { engine, id, since, restarts, timeout, signal });
    if (!end) return;
    // Where a restart policy is quicker than the Engine's answer, that has the status of the next run, which is 0.
    const status = end.status || exitStatusOf(await inspectAtExit(engine, id));
    throw await toExitError(starting, { id, watch }, engine, status);
  };
  const wait = lives();
  const isDns = ready.kind === "dns";
  const tell = isDns ? registerDnsServer : registerInstance;
  const known = async (): Promise<void> => {
    if (register) await tell(register, dns, signal).catch(registrationFailed(host));
  };
  if (isDns) {
    await wait;
    onReady();
    return known();
  }
  let isKnown = false;
  const ends = known().then(() => (isKnown = true));
  await Promise.all([wait.then(() => (isKnown ? undefined : onReady())), ends]);
}

/** An instance that runs without its names is of no use to the others: the run has failed, and says what is left. */
function registrationFailed(host: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ReynsError)) throw error;
    const message = `${host}: it runs, but no DNS knows its names: ${error.message}`;
    throw new ReynsError(error.code, message, { hint: error.hint, cause: error });
  };
}

/** Milliseconds by which the Engine may be late to say that a container has ended: its output ends before. */
const exitReportDelayMs = 2000;

async function failOnExit(
  starting: StartRequest,
  started: StartedContainer,
  engine: Engine,
): Promise<never> {
  const isRestarted = ({ restarting, restarts }: ContainerDetails): boolean =>
    restarting || restarts > started.restarts;
  const isTrial = performance.now() - started.since < minUptimeMs;
  const details = await inspectAtExit(engine, started.id);
  // What ends later may be meant to be started again by its restart policy.
  if (details?.running && !(isRestarted(details) && isTrial)) return new Promise(() => {});
  throw await toExitError(starting, started, engine, exitStatusOf(details));
}

/** What a container is when it has ended. One that was started again is about to end again, which tells its status. */
async function inspectAtExit(engine: Engine, id: string): Promise<ContainerDetails | undefined> {
  const start = performance.now();
  for (;;) {
    const details = await inspectContainer(engine, id);
    const isOver = !details?.running || details.restarting;
    if (isOver || performance.now() - start > exitReportDelayMs) return details;
    await Bun.sleep(50);
  }
}

/** The last status of one that its restart policy has started again, and that runs still, is gone. */
function exitStatusOf(details: ContainerDetails | undefined): number | undefined {
  return details?.running && !details.restarting ? undefined : details?.exitCode;
}

/** The failure of an instance that has ended; its restart policy would go on with it for ever. */
async function toExitError(
  { host }: StartRequest,
  { id, watch }: Pick<StartedContainer, "id" | "watch">,
  engine: Engine,
  status: number | undefined,
): Promise<ReynsError> {
  await stopContainer(engine, id);
  const lines = watch.recent();
  const script = lines
    .findLast((line) => line.startsWith("reyns: prestartup script "))
    ?.replace("reyns: ", "");
  const message = `${host}: ${script ?? `it ended at once, with exit status ${status ?? "unknown"}`}`;
  return new ReynsError("START_FAILED", message, {
    hint: `${host} stays, stopped: mend it and run it again, or take it away with "reyns clean all"; safemode=true skips the scripts`,
    output: lines.filter((line) => !line.startsWith("reyns: ")),
  });
}

function rejectOnTimeout(
  starting: StartRequest,
  watch: OutputWatch,
  { lack, signal }: { readonly lack: () => string; readonly signal: AbortSignal },
): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(notReadyError(starting, watch, lack()));
    const timer = setTimeout(end, starting.timeout * 1000);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  });
}

function notReadyError(
  { host, timeout }: StartRequest,
  watch: OutputWatch,
  lack: string,
): ReynsError {
  return new ReynsError("NOT_READY", `${host}: not ready after ${timeout} s, ${lack}`, {
    hint: `${host} goes on running; give it longer with timeout=SECONDS`,
    output: watch.recent(),
  });
}

/** An instance that was started stays when nobody waits for it any more. */
function rejectOnInterruption(signal: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const error = new ReynsError("INTERRUPTED", "interrupted");
    if (signal.aborted) reject(error);
    signal.addEventListener("abort", () => reject(error), { once: true, signal: over });
  });
}
