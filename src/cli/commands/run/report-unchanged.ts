import { log } from "../../../ui/output/log.ts";
import { summarizeList } from "../../../lib/summarize-list.ts";
import type { RunPlan, Unchanged } from "../../../plan/run-plan.ts";

interface ReportOptions {
  /** Nothing is reported afterwards. */
  readonly isAtOnce: boolean;
  /** The first plan has reported what can be reported at once. */
  readonly isPlannedAgain: boolean;
}

/**
 * Reports each instance that `keep` has left behind, and in one line all that is as it should be. That line comes when the
 * plan has been applied, if this waits for one of them: it may still fail.
 *
 * @returns a function to call at the end, with whether the plan has succeeded
 */
export function reportUnchanged(
  { unchanged, steps }: RunPlan,
  { isAtOnce, isPlannedAgain }: ReportOptions,
): (isDone: boolean) => void {
  for (const { host, changes } of isPlannedAgain ? [] : unchanged.filter(isOutdated))
    log.warn(`${host} runs an outdated definition (changed: ${changes.join(", ")})`);
  const current = unchanged.filter((instance) => !isOutdated(instance));
  const awaited = new Set(
    steps.flatMap((step) => (step.kind === "await-instance" ? step.host : [])),
  );
  const settled = current.filter(({ host }) => !awaited.has(host));
  const isLater = !isAtOnce && settled.length < current.length;
  if (!isLater && !isPlannedAgain) reportCurrent(current);
  return (isDone) => {
    if (isLater) reportCurrent(isDone ? current : settled);
  };
}

function isOutdated({ changes }: Unchanged): boolean {
  return changes.length > 0;
}

function reportCurrent(current: readonly Unchanged[]): void {
  const hosts = current.map(({ host }) => host);
  if (hosts.length > 0) log.info(`up to date: ${summarizeList(hosts, 8)}`);
}
