import type { Engine } from "../../docker/client/engine.ts";
import { runExec } from "../../docker/streams/exec.ts";

/** A variable that marks the processes of a command: the Engine's API cannot kill them. */
export function createExecMarker(): string {
  return `REYNS_EXEC=${crypto.randomUUID()}`;
}

const script = `for process in /proc/[0-9]*; do
  case "$(tr '\\0' ' ' < "$process/environ" 2>/dev/null)" in *"$1"*) kill "\${process#/proc/}" ;; esac
done`;

/** Kills the processes in an instance that have the marker in their environment. Needs a shell in its image. */
export async function killCommand(engine: Engine, id: string, marker: string): Promise<void> {
  await runExec(engine, id, { command: ["sh", "-c", script, "sh", marker], user: "root" });
}
