import { ReynsError } from "../../../errors.ts";
import { isRunning } from "../../../model/observed.ts";
import { listInstances } from "../../common/context.ts";

/**
 * Asks before a conf that the call names joins another one that runs here.
 *
 * @throws ReynsError ANSWER_NEEDED, without a terminal
 */
export async function confirmSecondConf(wanted: string, yes: boolean): Promise<void> {
  const others = confsJoined(wanted, await listConfs());
  if (others.length === 0) return;
  const { confirmOrCancel } = await import("../../../ui/prompts/prompts.ts");
  await confirmOrCancel({
    question: `The conf "${others.join('", "')}" runs here. Run "${wanted}" beside it?`,
    hint: `add yes=true to run both; leave conf= out to go on with "${others.join('", "')}"`,
    yes,
  });
}

/** The running confs that a conf would join; none where it runs already. */
export function confsJoined(wanted: string, running: readonly string[]): readonly string[] {
  return running.includes(wanted) ? [] : running;
}

/**
 * The conf whose instances run here.
 *
 * @returns undefined where none runs
 * @throws ReynsError AMBIGUOUS_INSTANCE when there are several
 */
export async function runningConf(): Promise<string | undefined> {
  const confs = await listConfs();
  if (confs.length < 2) return confs[0];
  const message = `several confs run here: ${confs.join(", ")}`;
  throw new ReynsError("AMBIGUOUS_INSTANCE", message, { hint: "name one of them: conf=NAME" });
}

async function listConfs(): Promise<string[]> {
  const { instances } = await listInstances({ mayBeNew: true });
  return [...new Set(instances.filter(isRunning).flatMap(({ conf }) => conf ?? []))];
}
