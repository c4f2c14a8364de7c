import { errorStatus } from "../../docker/client/errors.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { runExec, type ExecOutput } from "../../docker/streams/exec.ts";
import type { ObservedInstance } from "../../model/observed.ts";

/** A process that an instance's Supervisor controls. */
export interface SupervisedProcess {
  readonly name: string;
  /** RUNNING, STOPPED, STARTING, BACKOFF, EXITED, FATAL, … */
  readonly state: string;
  readonly detail: string;
}

/** The Supervisor's process table; undefined where no Supervisor runs. */
export async function listSupervisedProcesses(
  engine: Engine,
  instance: ObservedInstance,
): Promise<SupervisedProcess[] | undefined> {
  if (instance.state !== "running") return undefined;
  const command = ["supervisorctl", "status"];
  const { stdout, exitStatus } = await runExec(engine, instance.id, { command }).catch(
    toMissingCommand,
  );
  // Up to 3 supervisorctl reports processes, some of which are not running; above that it failed or does not exist.
  if (exitStatus > 3) return undefined;
  return stdout.split("\n").flatMap((line) => {
    const [, name, state, detail = ""] = /^(\S+)\s+([A-Z]+)\s*(.*)$/.exec(line) ?? [];
    return name !== undefined && state !== undefined ? [{ name, state, detail }] : [];
  });
}

/** The instance has stopped meanwhile. */
function toMissingCommand(error: unknown): ExecOutput {
  if (errorStatus(error) === 409) return { stdout: "", stderr: "", exitStatus: 127 };
  throw error;
}
