import { mkdir } from "node:fs/promises";
import { createContainer, removeContainer } from "../../docker/containers.ts";
import { removeVolume } from "../../docker/volumes.ts";
import { refusalStatus } from "../../docker/refusal.ts";
import { ReynsError } from "../../errors.ts";
import type { RestartInstance, StartInstance } from "../../plan/steps.ts";
import { becomeReady, startWatched, type Started } from "../bring-up.ts";
import type { Context } from "../execute.ts";
import { ensureKeys } from "../keys.ts";
import { keepImageContent } from "../persistency.ts";
import { describeReady } from "../ready.ts";

/** Creates and starts an instance, makes its names known, and waits until it is ready. */
export async function startStep(step: StartInstance, context: Context): Promise<string> {
  const { engine, emit, keysFolder } = context;
  await ensureKeys(keysFolder);
  if (step.replaces !== undefined) await removeContainer(engine, step.replaces);
  await makeFolders(step);
  if (step.temporaryVolume !== undefined) await removeVolume(engine, step.temporaryVolume);
  const started = await createAndStart(step, context);
  emit({ kind: "progress", step, note: `waiting for ${describeReady(step.ready)}` });
  await becomeReady(step, started, context);
  if (step.sleep > 0) {
    emit({ kind: "progress", step, note: `sleeping ${step.sleep} s, as the conf says` });
    await Bun.sleep(step.sleep * 1000);
  }
  return step.address;
}

async function makeFolders({ folders, host }: StartInstance): Promise<void> {
  try {
    await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })));
  } catch (cause) {
    const reason = (cause as Error).message;
    const hint = "nothing was started; free the disk, or give the folder to this user";
    throw new ReynsError("FILE_REFUSED", `${host}: its folders cannot be made: ${reason}`, {
      hint,
      cause,
    });
  }
}

/** Starts a stopped instance as it is. */
export async function restartStep(step: RestartInstance, context: Context): Promise<undefined> {
  const started = await startWatched(context.engine, step.containerId);
  context.emit({ kind: "progress", step, note: `waiting for ${describeReady(step.ready)}` });
  await becomeReady(step, started, context);
}

/** Until it has started; whatever goes wrong on this way, no half-made container stays. */
async function createAndStart(step: StartInstance, { engine }: Context): Promise<Started> {
  const id = await create(step, engine);
  try {
    await keepImageContent(engine, id, step);
    return await startWatched(engine, id);
  } catch (cause) {
    await removeContainer(engine, id);
    if (!(cause instanceof ReynsError) || cause.code === "NO_ENGINE") throw cause;
    const reason = withoutPrefix(cause.message);
    throw new ReynsError("START_FAILED", `${step.host} could not be started: ${reason}`, {
      hint: hintFor(reason),
      cause,
    });
  }
}

async function create(step: StartInstance, engine: Context["engine"]): Promise<string> {
  try {
    return await createContainer(engine, step.spec);
  } catch (cause) {
    const status = refusalStatus(cause);
    if (!(cause instanceof ReynsError) || status === undefined) throw cause;
    if (status === 409)
      throw new ReynsError(
        "START_FAILED",
        `${step.host} is being started by another run right now`,
        { hint: 'look again with "reyns ps"', cause },
      );
    throw new ReynsError(
      "START_FAILED",
      `${step.host} could not be created: ${withoutPrefix(cause.message)}`,
      { cause },
    );
  }
}

function withoutPrefix(message: string): string {
  return message.replace(/^the Docker Engine refused: /, "");
}

function hintFor(reason: string): string | undefined {
  // Exactly so from the Engine's address pool; in lower case from the host's ports.
  if (reason.includes("Address already in use"))
    return "another run took its address at the same time: run again";
  if (/address already in use|port is already allocated/.test(reason))
    return "something else uses that port on this host: stop it, or publish another";
  return undefined;
}
