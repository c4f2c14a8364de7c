import { removeContainer, startContainer } from "../../docker/containers/containers.ts";
import { whenEnded } from "../../docker/streams/stream-end.ts";
import { attachTerminal } from "../../docker/streams/terminal.ts";
import { ReynsError } from "../../errors.ts";
import type { StartInstance } from "../../model/steps.ts";
import { createInstance } from "./create.ts";
import { registerInstance, deregisterInstance } from "../dns/register.ts";
import { connectTerminal, type Streams } from "../sessions/terminal.ts";
import type { RuntimeContext } from "../context.ts";

/**
 * Runs an instance in this process's terminal until it ends; the Engine removes it then, also when this process is
 * gone by that time. The signal ends it: a shell whose terminal is gone would wait for ever.
 *
 * @returns the exit status of what ran in it
 * @throws ReynsError INTERRUPTED when the signal comes before it runs
 */
export async function runInteractive(
  step: StartInstance,
  { engine, keysFolder, dns, emit, signal }: RuntimeContext,
  { streams, onStart }: { readonly streams: Streams; readonly onStart: () => void },
): Promise<number> {
  const terminal = await createInstance(step, { engine, keysFolder, emit }, async (id) => {
    const attached = await attachTerminal(engine, id);
    if (!signal.aborted) await startContainer(engine, id);
    // What was made until then goes again.
    if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted");
    const end = (): void => {
      attached.stream.destroy();
      void removeContainer(engine, id).catch(() => {});
    };
    signal.addEventListener("abort", end, { once: true });
    return attached;
  });
  onStart();
  const over = whenEnded(terminal.stream);
  const restore = connectTerminal(terminal, streams);
  try {
    if (step.register)
      await registerInstance(step.register, dns).catch(warnUnregistered(step, emit));
    await over;
  } finally {
    // What is typed from here on is the caller's shell's, however long the Engine takes to remove the container.
    restore();
    if (step.register) await deregisterInstance(step.register, dns).catch(() => {});
  }
  return terminal.exitStatus();
}

/** Whoever looks for a fault inside needs the shell more than the names. */
function warnUnregistered(
  { host }: StartInstance,
  emit: RuntimeContext["emit"],
): (error: Error) => void {
  return ({ message }) =>
    emit({ kind: "warning", message: `${host}: no DNS knows it: ${message}` });
}
