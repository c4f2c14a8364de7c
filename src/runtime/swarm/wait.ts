import type { Engine } from "../../docker/client/engine.ts";
import { inspectService, listTasks, rollBackUpdate } from "../../docker/services/services.ts";
import type { Service, SwarmTask } from "../../docker/services/types.ts";
import { ReynsError } from "../../errors.ts";
import { healthLimitOf } from "../../docker/containers/containers.ts";
import { defaultTimeout } from "../../model/steps.ts";
import { minUptimeMs } from "../instances/uptime-check.ts";
import { hasEnded, tasksError } from "./failures.ts";

/** A service whose tasks are waited for. */
export interface AwaitedService {
  readonly id: string;
  readonly host: string;
  /** Seconds for each group of tasks that starts at the same time. */
  readonly timeout: number | undefined;
  /** What this call has done: made it, changed it, or nothing. */
  readonly change: "created" | "updated" | "none";
  /** Number of the update of this call: with another one, Swarm has gone back to the version before. */
  readonly update?: number;
}

interface TaskWaitContext {
  readonly engine: Engine;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: string) => void;
}

interface Look {
  readonly service: Service;
  /** Those of the last version. */
  readonly tasks: readonly SwarmTask[];
  readonly running: readonly SwarmTask[];
  readonly replicas: number;
}

/** A look, with what has happened since the first one. */
interface Judged extends Look {
  readonly isLate: boolean;
  /** Swarm has taken the update back. */
  readonly isBack: boolean;
  readonly ended: readonly SwarmTask[];
  /** For how long the same tasks have run. */
  readonly upMs: number;
}

const pollMs = 250;

/**
 * Waits until all tasks of a service run as it is defined now. Swarm's own word on the update decides.
 *
 * @throws ReynsError START_FAILED, NOT_READY with what Swarm says of the tasks, and their last lines; INTERRUPTED
 */
export async function waitForTasks(
  awaited: AwaitedService,
  context: TaskWaitContext,
): Promise<void> {
  const { engine, signal, onPhase } = context;
  let look = await lookAt(awaited, engine);
  const judge = createJudge(awaited, look);
  let deadline = performance.now() + budgetOf(awaited, look) * 1000;
  let [isLate, phase] = [false, ""];
  for (;;) {
    if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted");
    if (phaseOf(look) !== phase) onPhase((phase = phaseOf(look)));
    const judged = { ...judge(look), isLate };
    if (isDone(awaited, judged)) return;
    await failIfFailed(awaited, judged, engine);
    if (performance.now() > deadline) {
      isLate = await giveUp(awaited, judged, engine);
      deadline += budgetOf(awaited, look) * 1000;
    }
    await Bun.sleep(pollMs);
    look = await lookAt(awaited, engine);
  }
}

/** Tells what happens during this wait from what had happened before. */
function createJudge(
  { change, update }: AwaitedService,
  first: Look,
): (look: Look) => Omit<Judged, "isLate"> {
  const past = new Set(first.tasks.filter(hasEnded).map(({ id }) => id));
  const firstState = first.service.update?.state;
  // Of an update before this call.
  const pastState = change === "none" && firstState !== "rollback_started" ? firstState : undefined;
  const awaitedUpdate = update ?? (firstState === "updating" ? forceUpdateOf(first) : undefined);
  let isBack = false;
  let upSince: { readonly ids: string; readonly at: number } | undefined;
  return (look) => {
    const state = look.service.update?.state;
    // Swarm may call a rollback a completed update when it is over.
    isBack ||= awaitedUpdate !== undefined && forceUpdateOf(look) !== awaitedUpdate;
    isBack ||= state !== pastState && state?.startsWith("rollback_") === true;
    const ids = look.running.map(({ id }) => id).join();
    if (upSince?.ids !== ids) upSince = { ids, at: performance.now() };
    const ended = look.tasks.filter((task) => hasEnded(task) && !past.has(task.id));
    return { ...look, isBack, ended, upMs: performance.now() - upSince.at };
  };
}

function forceUpdateOf({ service }: Look): number {
  return service.spec.TaskTemplate.ForceUpdate;
}

async function lookAt({ id, host }: AwaitedService, engine: Engine): Promise<Look> {
  const [service, all] = await Promise.all([inspectService(engine, id), listTasks(engine, id)]);
  if (!service)
    throw new ReynsError("START_FAILED", `${host}: its service has been removed meanwhile`);
  const { TaskTemplate, Mode } = service.spec;
  const tasks = all.filter(({ forceUpdate }) => forceUpdate === TaskTemplate.ForceUpdate);
  const running = tasks.filter(
    ({ state, desired }) => state === "running" && desired === "running",
  );
  return { service, tasks, running, replicas: Mode.Replicated.Replicas };
}

/** Swarm calls an update completed when its tasks have run for the time that `monitor` says. */
function isDone({ change }: AwaitedService, judged: Judged): boolean {
  const { service, running, replicas, isBack, upMs } = judged;
  if (isBack || running.length < replicas) return false;
  const state = service.update?.state;
  if (change === "none" && state?.endsWith("completed")) return true;
  // A task that ends at once may not have been seen to do so.
  return (state === undefined || state === "completed") && upMs >= minUptimeMs;
}

function phaseOf({ service, running, replicas }: Look): string {
  const goesBack = service.update?.state === "rollback_started";
  return `${goesBack ? "going back, " : ""}${running.length} of ${replicas} tasks running`;
}

/** Each group of tasks has as long as an instance. */
function budgetOf({ timeout: given }: AwaitedService, { service, replicas }: Look): number {
  const {
    Parallelism = 1,
    Delay = 0,
    Monitor = 0,
  } = (service.spec.UpdateConfig ?? {}) as {
    readonly Parallelism?: number;
    readonly Delay?: number;
    readonly Monitor?: number;
  };
  const { Healthcheck: check } = service.spec.TaskTemplate.ContainerSpec;
  const timeout = given ?? Math.max(defaultTimeout, check?.Test ? healthLimitOf(check) : 0);
  const groups = Math.ceil(replicas / Math.max(1, Parallelism));
  return groups * (timeout + (Delay + Monitor) / 1e9);
}

/** So often a task of one place may fail to start: the first time, its node may just not have been ready. */
const toleratedFailures = 1;

async function failIfFailed(
  awaited: AwaitedService,
  judged: Judged,
  engine: Engine,
): Promise<void> {
  const { host, change } = awaited;
  const state = judged.service.update?.state;
  const fail = async (message: string, hint: string): Promise<never> => {
    const code = judged.isLate ? "NOT_READY" : "START_FAILED";
    const tasks = await failedTasks(awaited, judged, engine);
    throw await tasksError(engine, tasks, { code, message, hint });
  };
  if (state === "rollback_started") return;
  if (judged.isBack && state !== "rollback_paused")
    return judged.running.length < judged.replicas
      ? undefined
      : fail(`${host}: the update failed, and the former version serves again`, retryHint);
  if (state === "paused" || state === "rollback_paused")
    return fail(`${host}: the update failed, and Swarm has stopped half-way`, retryHint);
  if (state === "updating" || (change === "updated" && state === undefined)) return;
  // What this call has not changed may have ended for many reasons, and Swarm starts it again.
  if (change === "none") return;
  const bySlot = Map.groupBy(judged.ended, ({ slot }) => slot);
  if (![...bySlot.values()].some((ended) => ended.length > toleratedFailures)) return;
  return fail(`${host}: its tasks end again and again`, stayHint(host));
}

const retryHint = "fix the cause, and run it again";

function stayHint(host: string): string {
  return `Swarm goes on trying: fix the cause and run it again, or remove ${host} with reyns clean`;
}

/** After a rollback, those of the update that failed: each has a higher number than all before. */
async function failedTasks(
  { id }: AwaitedService,
  { isBack, tasks }: Judged,
  engine: Engine,
): Promise<readonly SwarmTask[]> {
  if (!isBack) return tasks;
  const all = await listTasks(engine, id);
  const last = Math.max(...all.map(({ forceUpdate }) => forceUpdate));
  return all.filter(({ forceUpdate }) => forceUpdate === last);
}

/**
 * An update that does not come to its end is taken back; Swarm itself would wait for ever, for example for a node.
 *
 * @returns true when that has begun
 */
async function giveUp(awaited: AwaitedService, judged: Judged, engine: Engine): Promise<boolean> {
  const { id, host, change } = awaited;
  const { service, tasks, running, replicas, isLate } = judged;
  if (change === "updated" && !isLate && service.update?.state === "updating") {
    await rollBackUpdate(engine, id);
    return true;
  }
  const message = `${host}: not ready in time, ${running.length} of ${replicas} tasks run`;
  const remedy = "allow more time with timeout=SECONDS";
  const hint = `${stayHint(host)}; ${remedy}`;
  throw await tasksError(engine, tasks, { code: "NOT_READY", message, hint, remedy });
}
