import { errorStatus } from "../../docker/client/errors.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { runExec, type ExecOutput } from "../../docker/streams/exec.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
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
  instance: Pick<ObservedInstance, "id" | "state">,
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

/**
 * The programs that Supervisor cannot keep running; undefined where there are none.
 *
 * @example
 * // "Supervisor cannot run its program hello (FATAL: can't find command 'pythn3')"
 */
export async function describeFailedPrograms(
  engine: Engine,
  instance: Pick<ObservedInstance, "id" | "state">,
): Promise<string | undefined> {
  const processes = (await listSupervisedProcesses(engine, instance)) ?? [];
  const failed = processes.filter(({ state }) => state === "FATAL" || state === "BACKOFF");
  if (failed.length === 0) return undefined;
  const named = failed.map(({ name, state, detail }) => `${name} (${state}: ${detail})`);
  return `Supervisor cannot run its program${failed.length === 1 ? "" : "s"} ${summarizeList(named, 3)}`;
}

/** The instance has stopped meanwhile. */
function toMissingCommand(error: unknown): ExecOutput {
  if (errorStatus(error) === 409) return { stdout: "", stderr: "", exitStatus: 127 };
  throw error;
}
