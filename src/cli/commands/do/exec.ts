import type { ShowOutput } from "../../../ui/output/task-output.ts";
import { createExecMarker, killCommand } from "../../../runtime/sessions/kill-command.ts";
import { runInInstance } from "../../../runtime/sessions/terminal.ts";
import { findOneInstance } from "../../../plan/select/choose.ts";
import { matches } from "../../../plan/select/match.ts";
import { isRunning, type ObservedInstance } from "../../../model/observed.ts";
import type { RunExec } from "../../../project/tasks.ts";
import { listInstances } from "../../shared/context.ts";
import { checkRunning } from "../../shared/resolve-instance.ts";

interface TaskExec {
  readonly exec: RunExec;
  /** Resolves when the commands that an interruption ends have been told, or cannot be. */
  readonly ended: () => Promise<unknown>;
}

/** Milliseconds that an interruption waits for commands to be ended. */
const patience = 1500;

/** What a task's `exec` does: the instance is looked for at each call, as the task may have changed what runs. */
export function execFrom(show: ShowOutput, signal: AbortSignal): TaskExec {
  const ends: Promise<unknown>[] = [];
  const exec: RunExec = async ({ service, instance, words, options }) => {
    const { engine, instances } = await listInstances();
    const chosen = runningOne(instances, service, instance ?? undefined);
    const { user, workingDir, env = {}, input, quiet } = options;
    const mark = createExecMarker();
    const variables = [...Object.entries(env).map(([name, value]) => `${name}=${value}`), mark];
    // One that cannot be ended goes on; that is no failure of its own.
    const end = (): void => void ends.push(killCommand(engine, chosen.id, mark).catch(() => {}));
    signal.addEventListener("abort", end, { once: true });
    try {
      const { stdout, stderr, exitStatus } = await runInInstance(
        engine,
        chosen.id,
        { command: words, user, workingDir, env: variables },
        { input, ...(quiet ? {} : { onOutput: show }) },
      );
      return { stdout, stderr, exitCode: exitStatus, instance: chosen.instance };
    } finally {
      signal.removeEventListener("abort", end);
    }
  };
  return { exec, ended: () => Promise.race([Promise.all(ends), Bun.sleep(patience)]) };
}

/** Running ones are preferred to stopped ones, by the rules of every command that takes one instance. */
function runningOne(
  instances: readonly ObservedInstance[],
  service: string,
  instance: string | undefined,
): ObservedInstance {
  const running = instances.filter((one) => matches(service, one.service) && isRunning(one));
  const chosen = findOneInstance(running.length > 0 ? running : instances, { service, instance });
  checkRunning(chosen);
  return chosen;
}
