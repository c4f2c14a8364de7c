import { summarizeList } from "../../../lib/summarize-list.ts";
import { reportPlan, type PlannedAction } from "../../../plan/plan-report.ts";
import { connectEngine } from "../../common/context.ts";
import type { RunOptions } from "./options.ts";
import { planOnce } from "./resolve-plan.ts";

/**
 * What a run does where another conf runs already: "replaces db-one; adds web-two; keeps web-one".
 *
 * @param running hosts of the other conf
 * @returns undefined if it does nothing
 */
export async function describeJoin(
  running: readonly string[],
  options: RunOptions,
): Promise<string | undefined> {
  const { project } = options;
  const onNodes = project.conf.nodes ? await import("./on-nodes.ts") : undefined;
  const planned = await onNodes?.planOnNodes(options);
  const plan = planned?.plan ?? (await planOnce(options, await connectEngine()));
  return effectText(reportPlan(plan, new Map()), running);
}

/** @returns undefined without actions on instances */
export function effectText(
  actions: readonly Pick<PlannedAction, "action" | "kind" | "name">[],
  running: readonly string[],
): string | undefined {
  const changed = actions.filter(({ kind }) => kind === "instance");
  if (changed.length === 0) return undefined;
  const hosts = new Set(changed.map(({ name }) => name));
  const namesOf = (...kinds: readonly string[]): string[] =>
    changed.filter(({ action }) => kinds.includes(action)).map(({ name }) => name);
  const parts: readonly (readonly [verb: string, hosts: readonly string[]])[] = [
    ["replaces", namesOf("replace")],
    ["adds", namesOf("create")],
    ["restarts", namesOf("restart")],
    ["removes", namesOf("remove")],
    ["keeps", running.filter((host) => !hosts.has(host))],
  ];
  return parts
    .filter(([, names]) => names.length > 0)
    .map(([verb, names]) => `${verb} ${summarizeList(names, 8)}`)
    .join("; ");
}
