import type { Project } from "../../../model/project.ts";
import type { SwarmChange } from "../../../model/swarm.ts";
import { changeSwarm } from "../../../runtime/swarm/change.ts";
import type { ReadSwarm } from "../../../runtime/swarm/read.ts";
import { log } from "../../../ui/output/log.ts";
import { printToStderr } from "../../../ui/output/print.ts";
import { confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { describeChange, describeDone } from "../../../ui/views/swarm.ts";
import { withProjectLock } from "../../common/with-project-lock.ts";

interface SwarmApplyOptions {
  readonly swarm: ReadSwarm;
  readonly project: Project;
  readonly pool: string;
  readonly question: string;
  readonly yes: boolean;
}

/** Shows the changes, asks, and makes them one after the other: after an interruption the same call goes on. */
export async function applyChanges(
  changes: readonly SwarmChange[],
  { swarm, project, pool, question, yes }: SwarmApplyOptions,
): Promise<void> {
  const text = changes.map((change) => `  ${describeChange(change)}`).join("\n");
  if (yes) log.info(text);
  else printToStderr(text);
  await confirmOrCancel({ question, hint: "add yes=true", yes });
  const managers = new Set(
    swarm.nodes
      .filter(({ membership }) => membership.isManager && membership.problem === undefined)
      .map(({ name }) => name),
  );
  const context = { engines: swarm.engines, managers, project: project.name, pool };
  await withProjectLock({ place: project }, async ({ signal, holdExit, begin }) => {
    begin();
    for (const change of changes) {
      signal.throwIfAborted();
      const work = changeSwarm(change, context);
      holdExit(work);
      await work;
      log.info(describeDone(change));
    }
  });
}
