import { formatInstances } from "../../../ui/views/instances.ts";
import { print, printJson } from "../../../ui/output/print.ts";
import { log } from "../../../ui/output/log.ts";
import { confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { observeAllContainers } from "../../../runtime/observe/containers.ts";
import { planClean } from "../../../plan/lifecycle-plan.ts";
import { withProjectLock } from "../../common/with-project-lock.ts";
import { applyPlan } from "../../common/apply-plan.ts";
import { connectEngine, withEngineNotice } from "../../common/context.ts";

/** Removes every container on the Engine, of whatever origin. */
export async function cleanEverything(isConfirmed: boolean, json: boolean): Promise<void> {
  const engine = await connectEngine();
  const containers = await withEngineNotice(observeAllContainers(engine));
  if (containers.length === 0) return json ? printJson([]) : log.info("nothing to clean");
  if (!json) print(formatInstances(containers));
  if (!isConfirmed)
    await confirmOrCancel({
      question: `Stop and remove all ${containers.length} containers on this Engine, including those that Reyns did not create?`,
      hint: "add yes=true",
      yes: false,
    });
  await withProjectLock({ place: undefined }, (locked) =>
    applyPlan(planClean(containers, containers, []), engine, {
      locked,
      place: { folder: process.cwd(), origin: process.cwd() },
    }),
  );
  if (json) printJson(containers.map(({ id, service, instance }) => ({ id, service, instance })));
}
