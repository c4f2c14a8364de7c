import { runExec, type ExecResult } from "../../docker/streams/exec.ts";
import { errorStatus } from "../../docker/client/errors.ts";
import type { Engine } from "../../docker/client/engine.ts";
import type { ObservedInstance } from "../../model/observed.ts";

/** A process that the instance's Supervisor looks after. */
export interface SupervisedProcess {
  readonly name: string;
  /** RUNNING, STOPPED, STARTING, BACKOFF, EXITED, FATAL, … */
  readonly state: string;
  readonly detail: string;
}

/** The Supervisor's process table; undefined where none runs. */
export async function listSupervisedProcesses(
  engine: Engine,
  instance: ObservedInstance,
): Promise<SupervisedProcess[] | undefined> {
  if (instance.state !== "running") return undefined;
  const { stdout, exitStatus } = await runExec(engine, instance.id, {
    command: ["supervisorctl", "status"],
  }).catch(toNoSupervisor);
  // 3 is the bad news of a process that does not run; above, there is no supervisorctl.
  if (exitStatus > 3) return undefined;
  return stdout.split("\n").flatMap((line) => {
    const match = /^(\S+)\s+([A-Z]+)\s*(.*)$/.exec(line);
    return match ? [{ name: match[1] ?? "", state: match[2] ?? "", detail: match[3] ?? "" }] : [];
  });
}

function toNoSupervisor(error: unknown): ExecResult {
  if (errorStatus(error) === 409) return { stdout: "", stderr: "", exitStatus: 127 };
  throw error;
}
