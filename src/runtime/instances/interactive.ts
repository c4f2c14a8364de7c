import { removeContainer, startContainer } from "../../docker/containers/containers.ts";
import { whenEnded } from "../../docker/streams/stream-end.ts";
import { attachTerminal, type Terminal } from "../../docker/streams/terminal.ts";
import { ReynsError } from "../../errors.ts";
import type { StartInstance } from "../../model/steps.ts";
import type { RuntimeContext } from "../context.ts";
import { deregisterInstance, registerInstance } from "../dns/register.ts";
import { forwardStreams } from "../sessions/attached.ts";
import { connectTerminal, type Streams } from "../sessions/terminal.ts";
import { createInstance } from "./create.ts";

/**
 * Runs an instance in this process's terminal until it exits; then the Engine removes it, even when this process is
 * gone by that time. The signal removes it, too: a shell that has lost its terminal would wait forever.
 *
 * @returns the instance's exit status
 * @throws ReynsError INTERRUPTED when the signal aborts before it runs
 */
export async function runInteractive(
  step: StartInstance,
  context: RuntimeContext,
  { streams, onStart }: { readonly streams: Streams; readonly onStart: () => void },
): Promise<number> {
  const { dns, emit } = context;
  const starting = startInteractive(step, context);
  // After an interruption the Engine may still start the container: it is removed before this process ends.
  context.holdProcess?.(starting);
  const terminal = await starting;
  onStart();
  const { ended, restore } = connect(terminal, step, streams);
  try {
    // Somebody who debugs the instance needs the shell more than the names.
    if (step.register)
      await registerInstance(step.register, dns).catch(({ message }: Error) =>
        emit({ kind: "warning", message: `${step.host}: not registered in the DNS: ${message}` }),
      );
    await ended;
  } finally {
    // From here on the input belongs to the caller's shell, however long the Engine takes to remove the container.
    restore();
    if (step.register) await deregisterInstance(step.register, dns).catch(() => {});
  }
  return terminal.exitStatus();
}

/** Passes on the terminal, or pipes: their output may still be read when the container has ended. */
function connect(
  terminal: Terminal,
  { spec }: StartInstance,
  streams: Streams,
): { readonly ended: Promise<void>; readonly restore: () => void } {
  if (spec.session === "pipes")
    return { ended: forwardStreams(terminal, streams), restore: () => {} };
  const ended = whenEnded(terminal.stream);
  return { ended, restore: connectTerminal(terminal, streams) };
}

async function startInteractive(
  step: StartInstance,
  { engine, keysFolder, stateFolder, emit, signal }: RuntimeContext,
): Promise<Terminal> {
  if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted");
  return createInstance(step, { engine, keysFolder, stateFolder, emit }, async (id) => {
    const attached = await attachTerminal(engine, id, step.spec.session ?? "terminal");
    if (!signal.aborted) await startContainer(engine, id);
    // createInstance removes the container again.
    if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted");
    const remove = (): void => {
      attached.stream.destroy();
      void removeContainer(engine, id).catch(() => {});
    };
    signal.addEventListener("abort", remove, { once: true });
    return attached;
  });
}
