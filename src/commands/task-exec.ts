import type { Show } from "../cli/task-output.ts";
import { runInInstance } from "../engine/terminal.ts";
import { chooseOne } from "../plan/lifecycle-plan.ts";
import { matches } from "../plan/match.ts";
import { isRunning, type ObservedInstance } from "../plan/observed.ts";
import type { RunExec } from "../project/tasks.ts";
import { callersInstances } from "./session.ts";
import { checkRunning } from "./the-instance.ts";

/** What a task's `exec` does: the instance is looked for at each call, as the task may have changed what runs. */
export function execFrom(show: Show): RunExec {
  return async ({ service, instance, words, options }) => {
    const { engine, instances } = await callersInstances();
    const chosen = runningOne(instances, service, instance ?? undefined);
    const { user, workingDir, env = {}, input, quiet } = options;
    const { stdout, stderr, exitStatus } = await runInInstance(
      engine,
      chosen.id,
      {
        command: words,
        user,
        workingDir,
        env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      },
      { input, ...(quiet ? {} : { onOutput: show }) },
    );
    return { stdout, stderr, exitCode: exitStatus, instance: chosen.instance };
  };
}

/** Running ones are preferred to stopped ones, by the rules of every command that takes one instance. */
function runningOne(
  instances: readonly ObservedInstance[],
  service: string,
  instance: string | undefined,
): ObservedInstance {
  const running = instances.filter((one) => matches(service, one.service) && isRunning(one));
  const chosen = chooseOne(running.length > 0 ? running : instances, { service, instance });
  checkRunning(chosen);
  return chosen;
}
