import { inspectContainer } from "../../docker/containers/containers.ts";
import { ReynsError } from "../../errors.ts";
import type { Hook } from "../../model/hooks.ts";
import type { Ready } from "../../model/readiness.ts";
import type { SealedReady } from "../../model/sealed-ready.ts";
import type { RuntimeContext } from "../context.ts";
import { rejectOnInterruption, waitForDeadline } from "./deadline.ts";
import { runPostStart } from "./hooks.ts";
import type { StartedContainer } from "./start.ts";

export interface PostStartRequest {
  readonly host: string;
  readonly hooks: readonly Hook[];
  readonly ready: Ready | SealedReady;
  readonly timeout: number | undefined;
}

/**
 * Runs the postStart commands of a started instance, within its time to become ready. Ends early on an interruption, and
 * when the container exits, which the wait for its readiness reports.
 *
 * @param onPhase receives the current phase as text
 * @throws ReynsError START_FAILED, NOT_READY, INTERRUPTED
 */
export async function completeStart(
  request: PostStartRequest,
  started: StartedContainer,
  { engine, signal }: Pick<RuntimeContext, "engine" | "signal">,
  onPhase: (phase: string) => void,
): Promise<void> {
  const { host, hooks, ready, timeout } = request;
  if (hooks.length === 0) return;
  const { id } = started;
  const over = new AbortController();
  let current = "";
  const onHook = (name: string): void => {
    current = name;
    onPhase(`running ${name}`);
  };
  const running = runPostStart(engine, id, { host, hooks }, onHook).catch(
    async (error: unknown) => {
      if (!(await hasExited(engine, id))) throw error;
    },
  );
  const exited = started.output.ended.then(() => waitForExit(engine, id));
  const late = waitForDeadline({ ready, timeout }, { engine, id, signal: over.signal }).then(
    (seconds) => {
      const hint = "allow more time with timeout=SECONDS";
      const message = `${host}: ${current} has not ended after ${seconds} s`;
      throw new ReynsError("NOT_READY", message, { hint, output: started.watch.recent() });
    },
  );
  try {
    await Promise.race([running, exited, late, rejectOnInterruption(signal, over.signal)]);
  } catch (error) {
    started.output.close();
    throw error;
  } finally {
    over.abort();
    for (const pending of [running, exited, late]) pending.catch(() => {});
  }
}

/** It may close its output long before it exits; the commands go on then. */
async function waitForExit(engine: RuntimeContext["engine"], id: string): Promise<void> {
  if (!(await hasExited(engine, id))) await new Promise<never>(() => {});
}

async function hasExited(engine: RuntimeContext["engine"], id: string): Promise<boolean> {
  return !(await inspectContainer(engine, id))?.running;
}
