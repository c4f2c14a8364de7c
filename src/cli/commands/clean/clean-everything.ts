import { formatInstances } from "../../../ui/views/instances.ts";
import { print } from "../../../ui/output/print.ts";
import { log } from "../../../ui/output/log.ts";
import { confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { observeAllContainers } from "../../../runtime/observe/containers.ts";
import { planClean } from "../../../plan/lifecycle-plan.ts";
import { ReynsError } from "../../../errors.ts";
import { withProjectLock } from "../../common/with-project-lock.ts";
import { applyPlan } from "../../common/apply-plan.ts";
import { connectEngine, withEngineNotice } from "../../common/context.ts";

/**
 * Rejects arguments beside `reallyall`: with them, a caller may expect that it removes a part only.
 *
 * @throws ReynsError UNEXPECTED_ARGUMENT
 */
export function rejectOtherArgs(others: Readonly<Record<string, unknown>>): void {
  const keys = Object.keys(others).filter((key) => others[key] !== undefined && others[key] !== "");
  if (keys.length === 0) return;
  const message = `clean reallyall removes every container on the Engine; it does not take ${keys.join(", ")}`;
  throw new ReynsError("UNEXPECTED_ARGUMENT", message, {
    hint: "for a part: reyns clean all group=NAME",
  });
}

/** Removes every container on the Engine, of whatever origin. */
export async function cleanEverything(isConfirmed: boolean): Promise<void> {
  const engine = await connectEngine();
  const containers = await withEngineNotice(observeAllContainers(engine));
  if (containers.length === 0) return log.info("nothing to clean");
  print(formatInstances(containers));
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
}
