import { runExec } from "../docker/exec.ts";
import type { Engine } from "../docker/connect.ts";
import { isRunning, type ObservedInstance } from "../plan/observed.ts";

/** A process that the instance's Supervisor looks after. */
export interface SupervisedProcess {
  readonly name: string;
  /** RUNNING, STOPPED, STARTING, BACKOFF, EXITED, FATAL, … */
  readonly state: string;
  readonly detail: string;
}

/** The Supervisor's process table; undefined where none runs. */
export async function supervisedProcesses(
  engine: Engine,
  instance: ObservedInstance,
): Promise<SupervisedProcess[] | undefined> {
  if (!isRunning(instance)) return undefined;
  // The path tells a missing supervisorctl (status 126 or 127) from one that has bad news to tell (status 3).
  const { stdout, exitStatus } = await runExec(engine, instance.id, {
    command: ["supervisorctl", "status"],
  });
  if (exitStatus > 3) return undefined;
  return stdout.split("\n").flatMap((line) => {
    const match = /^(\S+)\s+([A-Z]+)\s*(.*)$/.exec(line);
    return match ? [{ name: match[1] ?? "", state: match[2] ?? "", detail: match[3] ?? "" }] : [];
  });
}
