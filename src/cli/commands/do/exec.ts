import type { ShowOutput } from "../../../ui/output/task-output.ts";
import { createExecMarker, killCommand } from "../../../runtime/sessions/kill-command.ts";
import { runInInstance } from "../../../runtime/sessions/exec.ts";
import { findInstances, findOneInstance } from "../../../plan/select/choose.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import type { RunExec } from "../../../project/tasks.ts";
import { listInstances } from "../../common/context.ts";
import { requireContainer } from "../../common/only-containers.ts";
import { checkRunning, preferRunning } from "../../common/resolve-instance.ts";

interface TaskExec {
  readonly exec: RunExec;
  /** Resolves when the commands that an interruption kills are dead, or after a timeout. */
  readonly killed: () => Promise<unknown>;
}

/** Milliseconds that an interruption waits for commands to end. */
const killTimeout = 1500;

/** Creates a task's `exec`, which finds the instance anew at each call: the task may have changed what runs. */
export function createTaskExec(show: ShowOutput, signal: AbortSignal): TaskExec {
  const kills: Promise<unknown>[] = [];
  const exec: RunExec = async ({ service, instance: name, command: words, options }) => {
    const { engine, instances } = await listInstances();
    const instance = findRunningInstance(instances, service, name ?? undefined);
    const { user, workingDir, env = {}, input, quiet } = options;
    const marker = createExecMarker();
    const variables = [...Object.entries(env).map(([key, value]) => `${key}=${value}`), marker];
    // A command that cannot be killed goes on; that is no error of the task.
    const kill = (): void =>
      void kills.push(killCommand(engine, instance.id, marker).catch(() => {}));
    signal.addEventListener("abort", kill, { once: true });
    try {
      const { stdout, stderr, exitStatus } = await runInInstance(
        engine,
        instance.id,
        { command: words, user, workingDir, env: variables },
        { input, ...(quiet ? {} : { onOutput: show }) },
      );
      return { stdout, stderr, exitCode: exitStatus, instance: instance.instance };
    } finally {
      signal.removeEventListener("abort", kill);
    }
  };
  return { exec, killed: () => Promise.race([Promise.all(kills), Bun.sleep(killTimeout)]) };
}

function findRunningInstance(
  instances: readonly ObservedInstance[],
  service: string,
  instance: string | undefined,
): ObservedInstance {
  const query = { service, instance };
  const candidates = preferRunning(instances, findInstances(instances, query));
  const found = findOneInstance(candidates, query);
  requireContainer(found);
  checkRunning(found);
  return found;
}
