import type { Engine } from "../../docker/client/engine.ts";
import { inspectContainer, startContainer } from "../../docker/containers/containers.ts";
import { attachOutput, type AttachedOutput } from "../../docker/streams/attach-output.ts";
import { watchOutput, type OutputWatch } from "./output-watch.ts";

/** A running container whose output is read. */
export interface StartedContainer {
  readonly id: string;
  /** When it was started, or first inspected, by `performance.now()`. */
  readonly since: number;
  /** How often its restart policy had restarted it until then. */
  readonly restarts: number;
  readonly watch: OutputWatch;
  readonly output: AttachedOutput;
}

/** Starts a container whose output is read from its first byte on. */
export async function startWatched(
  engine: Engine,
  id: string,
  { isNew }: { readonly isNew: boolean },
): Promise<StartedContainer> {
  const attached = await (isNew ? attach(engine, id, 0) : watchContainer(engine, id));
  try {
    await startContainer(engine, id);
    // A start sets the Engine's count of restarts back.
    return { ...attached, since: performance.now(), restarts: 0 };
  } catch (error) {
    attached.output.close();
    throw error;
  }
}

/** Reads the output of a container from now on. */
export async function watchContainer(engine: Engine, id: string): Promise<StartedContainer> {
  const restarts = (await inspectContainer(engine, id))?.restarts ?? 0;
  return attach(engine, id, restarts);
}

async function attach(engine: Engine, id: string, restarts: number): Promise<StartedContainer> {
  const watch = watchOutput();
  const output = await attachOutput(engine, id, watch.add);
  return { id, watch, output, since: performance.now(), restarts };
}
