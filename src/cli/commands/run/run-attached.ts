import { hasCode, inside, ReynsError, throwAll } from "../../../errors.ts";
import { isRunning, type ObservedInstance } from "../../../model/observed.ts";
import { selectInstances } from "../../../plan/select/select.ts";
import { unknownService } from "../../../plan/select/services.ts";
import { swarmOf } from "../../../plan/select/selection.ts";
import { waitForNextExit } from "../../../runtime/observe/exit.ts";
import { log } from "../../../ui/output/log.ts";
import { reportError } from "../../../ui/views/error-report.ts";
import { connectEngine, listInstances } from "../../common/context.ts";
import { listenForInterrupt } from "../../common/interrupt.ts";
import { withProjectLock, type LockOptions } from "../../common/with-project-lock.ts";
import { createAttachedLogs, type AttachedLogs } from "./attached-logs.ts";
import type { AttachOptions, RunOptions } from "./options.ts";
import { runInstances } from "./run-instances.ts";
import { killAttached, stopAttached } from "./stop-attached.ts";

/**
 * Runs instances and shows their output until all of them have ended. Ctrl-C stops them, dependents first; a second one
 * kills them.
 *
 * @returns the exit status of the call
 */
export async function runAttached(
  options: RunOptions,
  attach: AttachOptions,
  lock: LockOptions,
): Promise<number> {
  requireKnown(options, attach.show ?? []);
  refuseServices(options);
  const logs = createAttachedLogs(await connectEngine(), options.project.origin, attach.show);
  const { hosts } = logs;
  const { controller, stop } = listenForInterrupt(() => void killAttached(hosts).catch(() => {}));
  const session: Session = { attach, logs, interrupted: controller.signal, lock };
  try {
    await withProjectLock(lock, (locked) =>
      runInstances({ ...options, onPlan: logs.follow }, locked),
    );
    return await stay(session);
  } catch (error) {
    return await leave(session, error);
  } finally {
    stop();
    await logs.close();
  }
}

/** @throws ReynsError UNKNOWN_SERVICE for each of the names that is none */
function requireKnown({ project }: RunOptions, names: readonly string[]): void {
  const isDefined = (name: string): boolean =>
    project.services.has(name) || project.conf.instances.some(({ service }) => service === name);
  throwAll(names.filter((name) => !isDefined(name)).map((name) => unknownService(project, name)));
}

/** A Swarm service has no one process that ends, and Ctrl-C of one terminal is not meant for all nodes. */
function refuseServices({ project, selections }: RunOptions): void {
  const selected = selections.flatMap((selection) => selectInstances(project, selection));
  const services = new Map(
    selected.filter((instance) => swarmOf(instance)).map((instance) => [instance.host, instance]),
  );
  throwAll(
    [...services.values()].map(({ host, definition }) => {
      const message = `${host} is a Swarm service, which a call cannot be attached to`;
      const hint = "run it without attach; reyns logs follow shows what its tasks print";
      const at = inside(definition.at, "swarm");
      return new ReynsError("INVALID_VALUE", message, { hint, at });
    }),
  );
}

interface Session {
  readonly attach: AttachOptions;
  readonly logs: AttachedLogs;
  readonly interrupted: AbortSignal;
  readonly lock: LockOptions;
}

/** Waits for the end of what has been started, and stops the rest. */
async function stay(session: Session): Promise<number> {
  const { attach, logs, interrupted } = session;
  const isOver = (await statusOf(attach.exitCodeFrom)) !== undefined;
  const first = isOver ? undefined : await waitForEnd(session);
  if (interrupted.aborted || logs.closed.aborted) {
    await stopAll(session, interrupted.aborted ? "stopping; Ctrl-C again kills" : undefined);
    return interrupted.aborted ? 130 : 0;
  }
  if (!attach.abortOnExit) return 0;
  await stopAll(session, "stopping the others");
  return (await statusOf(attach.exitCodeFrom)) ?? first ?? 0;
}

/** After a failure, which may be that of the service whose status counts. */
async function leave(session: Session, error: unknown): Promise<number> {
  const { attach } = session;
  if (hasCode(error, "INTERRUPTED")) {
    await stopAll(session, "stopping; Ctrl-C again kills");
    return 130;
  }
  const status = await statusOf(attach.exitCodeFrom);
  if (attach.abortOnExit) await stopAll(session, "stopping the others");
  if (!status) throw error;
  reportError(error, false);
  return status;
}

/** @returns the status of the first that ended, if one end is enough; undefined when none runs any more */
async function waitForEnd({ attach, logs, interrupted }: Session): Promise<number | undefined> {
  const engine = await connectEngine();
  const signal = AbortSignal.any([interrupted, logs.closed]);
  for (;;) {
    const { instances } = await listInstances();
    const running = instances.filter((one) => logs.hosts.has(one.host) && isRunning(one));
    if (running.length === 0 || signal.aborted) return undefined;
    const exit = await waitForNextExit(engine, running, signal);
    if (exit?.status === undefined) continue;
    log.info(`${exit.instance.host} has ended with status ${exit.status}`);
    if (attach.abortOnExit) return exit.status;
  }
}

async function stopAll({ logs, lock }: Session, note: string | undefined): Promise<void> {
  if (note !== undefined) log.info(note);
  await stopAttached(logs.hosts, lock).catch((error: unknown) => {
    // The second Ctrl-C.
    if (!hasCode(error, "INTERRUPTED")) throw error;
  });
}

/** The status with which a service has ended: the first of its instances' that is not 0. */
async function statusOf(service: string | undefined): Promise<number | undefined> {
  if (service === undefined) return undefined;
  const { instances } = await listInstances();
  const ended = instances.filter((one) => one.service === service && hasEnded(one));
  const statuses = ended.map(({ exitCode }) => exitCode ?? 0);
  return statuses.find((status) => status !== 0) ?? statuses[0];
}

function hasEnded({ state, exitCode }: ObservedInstance): boolean {
  return state === "exited" && exitCode !== undefined;
}
