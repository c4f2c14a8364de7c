import type { Engine } from "../../docker/client/engine.ts";
import { errorStatus } from "../../docker/client/errors.ts";
import { inspectContainer, stopContainer } from "../../docker/containers/containers.ts";
import { ReynsError } from "../../errors.ts";
import { hostNameOf } from "../../model/host-names.ts";
import { labels } from "../../model/labels.ts";
import type { Hook, Hooks } from "../../model/hooks.ts";
import { commandText } from "../../model/docker-syntax.ts";
import { defaultTimeout } from "../../model/steps.ts";
import type { RuntimeContext } from "../context.ts";
import { openSealed, sealText } from "../keys/seal.ts";
import { runInInstance } from "../sessions/exec.ts";

/** Hooks as a label keeps them: `stop` and `clean` do not read the definition, and everybody may read a label. */
export interface RecordedHooks extends Hooks {
  /** Seconds that an instance has to end. */
  readonly gracePeriod: number;
}

/** The Engine's. */
const defaultGracePeriod = 10;

export function sealHooks(
  hooks: Hooks,
  gracePeriod: number | undefined,
  keysFolder: string,
): Promise<string> {
  return sealText(
    JSON.stringify({ ...hooks, gracePeriod: gracePeriod ?? defaultGracePeriod }),
    keysFolder,
  );
}

/** Opens the hooks of a label; undefined without any, and, with a warning, for those that other keys encrypted. */
export async function openHooks(
  { host, hooks: sealed }: HookedContainer,
  { keysFolder, emit }: Pick<RuntimeContext, "keysFolder" | "emit">,
): Promise<RecordedHooks | undefined> {
  if (sealed === undefined) return undefined;
  const text = await openSealed(sealed, keysFolder);
  if (text !== undefined) return JSON.parse(text) as RecordedHooks;
  const message = `${host}: its postStart and preStop were recorded with other keys; they are not run`;
  emit({ kind: "warning", message });
  return undefined;
}

/** What is stopped, and its hooks as its label has them. */
export interface HookedContainer {
  readonly host: string;
  readonly hooks?: string | undefined;
}

/** The same of any container of an instance. */
export async function hookedContainer(engine: Engine, id: string): Promise<HookedContainer> {
  const values = (await inspectContainer(engine, id))?.labels ?? {};
  const host = hostNameOf(values[labels.service] ?? "", values[labels.instance] ?? "");
  return { host, hooks: values[labels.hooks] };
}

type StopContext = Pick<RuntimeContext, "keysFolder" | "emit" | "stopTimeout">;

/**
 * Stops a container, after its preStop commands. One that fails, or that takes longer than the grace period, is a
 * warning: the container is stopped all the same.
 */
export async function stopWithHooks(
  engine: Engine,
  id: string,
  container: HookedContainer,
  context: StopContext,
): Promise<void> {
  const { stopTimeout } = context;
  // Whoever gives it no time to end wants it gone at once.
  const hooks = stopTimeout === 0 ? undefined : await openHooks(container, context);
  if (hooks && hooks.preStop.length > 0) {
    const { preStop, gracePeriod } = hooks;
    const problem = await runPreStop(engine, id, preStop, stopTimeout ?? gracePeriod);
    if (problem !== undefined)
      context.emit({
        kind: "warning",
        message: `${container.host}: its preStop command ${problem}`,
      });
  }
  await stopContainer(engine, id, stopTimeout);
}

/** @returns what went wrong; undefined when nothing did, or the container does not run */
async function runPreStop(
  engine: Engine,
  id: string,
  preStop: readonly Hook[],
  gracePeriod: number,
): Promise<string | undefined> {
  let current = preStop[0];
  const over = new AbortController();
  const late = Bun.sleep(gracePeriod * 1000).then(() =>
    over.signal.aborted ? undefined : `${nameOf(current)} has not ended after ${gracePeriod} s`,
  );
  const all = async (): Promise<string | undefined> => {
    for (const hook of preStop) {
      if (over.signal.aborted) return undefined;
      current = hook;
      const failure = await runHook(engine, id, hook);
      if (failure) return `${nameOf(hook)} failed with status ${failure.status}${lastOf(failure)}`;
    }
    return undefined;
  };
  try {
    return await Promise.race([all(), late]);
  } catch (error) {
    if (!(error instanceof ReynsError)) throw error;
    // It does not run, or is paused.
    return errorStatus(error) === 409 ? undefined : `${nameOf(current)} failed: ${error.message}`;
  } finally {
    over.abort();
  }
}

function nameOf(hook: Hook | undefined): string {
  return `"${commandText(hook?.command ?? [])}"`;
}

function lastOf({ output }: HookFailure): string {
  const last = output.at(-1);
  return last === undefined ? "" : `: ${last}`;
}

interface HookFailure {
  readonly status: number;
  /** The last lines of its output. */
  readonly output: readonly string[];
}

const shownLines = 20;

/** Runs a command in a container; undefined when its status is 0. */
async function runHook(
  engine: Engine,
  id: string,
  { env = {}, ...hook }: Hook,
): Promise<HookFailure | undefined> {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const chunks: Uint8Array[] = [];
  const onOutput = (_: string, chunk: Uint8Array): void => void chunks.push(chunk);
  const { exitStatus: status } = await runInInstance(
    engine,
    id,
    { ...hook, env: variables },
    { onOutput },
  );
  if (status === 0) return undefined;
  const lines = Buffer.concat(chunks)
    .toString()
    .split(/\r?\n/)
    .filter((line) => line !== "");
  return { status, output: lines.slice(-shownLines) };
}

/**
 * Runs the postStart commands of a container that has just started, one after the other.
 *
 * @param onHook receives each command before it runs
 * @throws ReynsError START_FAILED with the output of the command that failed
 */
export async function runPostStart(
  engine: Engine,
  id: string,
  { host, hooks }: { readonly host: string; readonly hooks: readonly Hook[] },
  onHook: (name: string) => void,
): Promise<void> {
  for (const hook of hooks) {
    const name = `its postStart command ${nameOf(hook)}`;
    onHook(name);
    const failure = await runHook(engine, id, hook);
    if (!failure) continue;
    const { status, output } = failure;
    const hint = "it was not started; fix the command, or what it needs, and run it again";
    throw new ReynsError("START_FAILED", `${host}: ${name} failed with status ${status}`, {
      hint,
      remedy: undefined,
      output,
    });
  }
}

/** Runs the postStart of a former container that has started again. Whatever comes of it, that one serves. */
export async function repeatPostStart(
  engine: Engine,
  id: string,
  context: Pick<RuntimeContext, "keysFolder" | "emit">,
): Promise<void> {
  const container = await hookedContainer(engine, id);
  const { postStart = [] } = (await openHooks(container, context)) ?? {};
  if (postStart.length === 0) return;
  const { host } = container;
  const late = Bun.sleep(defaultTimeout * 1000);
  const run = runPostStart(engine, id, { host, hooks: postStart }, () => {});
  await Promise.race([run, late]).catch((error: unknown) => {
    if (!(error instanceof ReynsError)) throw error;
    context.emit({ kind: "warning", message: error.message });
  });
}
