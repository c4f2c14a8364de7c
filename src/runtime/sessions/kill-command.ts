import type { Engine } from "../../docker/client/engine.ts";
import { runExec } from "../../docker/streams/exec.ts";

/** A variable by which a command's processes are known: the Engine has no call that would end them. */
export function createExecMarker(): string {
  return `REYNS_EXEC=${crypto.randomUUID()}`;
}

const script = `for process in /proc/[0-9]*; do
  case "$(tr '\\0' ' ' < "$process/environ" 2>/dev/null)" in *"$1"*) kill "\${process#/proc/}" ;; esac
done`;

/** Ends what was begun in an instance with a mark in its environment; an image without a shell goes on. */
export async function killCommand(engine: Engine, id: string, mark: string): Promise<void> {
  await runExec(engine, id, { command: ["sh", "-c", script, "sh", mark], user: "root" });
}
