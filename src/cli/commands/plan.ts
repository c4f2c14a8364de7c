import { defineCommand, type ArgsDef } from "citty";
import { log } from "../../ui/output/log.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { formatActions } from "../../ui/views/plan.ts";
import { isCopy } from "../../model/copy-origin.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { orphanReason } from "../../plan/orphans.ts";
import { countActions, reportPlan, type PlannedAction } from "../../plan/plan-report.ts";
import { planPullAlways } from "../../plan/pull-plan.ts";
import { selectInstances } from "../../plan/select/select.ts";
import type { RunPlan } from "../../plan/run-plan.ts";
import type { Engine } from "../../runtime/connect.ts";
import { observeReplaced } from "../../runtime/observe/replaced.ts";
import type { Examples } from "../help/help.ts";
import { parseConfName, withAllowed } from "../args/common.ts";
import { parseSelection, planArgs } from "../args/run.ts";
import { connectEngine, locateProject } from "../common/context.ts";
import { requireNoMissing } from "../common/missing-values.ts";
import { runSettings, type RunOptions } from "./run/options.ts";
import { noteNewFolders } from "./run/mount-sources.ts";
import { warnOfOutdatedImages } from "./run/outdated-images.ts";
import { savePlan } from "./run/plan-file.ts";
import { planOnce } from "./run/resolve-plan.ts";
import { loadRunningProject, withMistakesFirst } from "./run/resolve-conf.ts";

export const examples: Examples = [
  ["reyns plan", "what reyns run all would do"],
  ["reyns plan web", "what reyns run web would do"],
  ["reyns plan exit_code=true", "for scripts: status 4 when there is something to do"],
  ["reyns plan receipt=latest", "whether what is here is what was tested, and what run would do"],
  ["reyns plan out=release.plan", "to be carried out by reyns run plan=release.plan"],
];

/** Exit status when there is something to do, for scripts that ask for it. */
const pendingStatus = 4;

export const command = defineCommand({
  meta: {
    name: "plan",
    description:
      "Shows what run would do, with the reason of each action and the old and new value of each changed field. Changes nothing: it neither builds nor pulls images, and asks no questions. Warns of images whose files have changed since they were built.",
  },
  args: planArgs satisfies ArgsDef,
  run: async ({ args: parsed }) => {
    const selection = parseSelection(parsed, "all");
    const env = withAllowed(process.env, parsed.allow);
    const receipt =
      parsed.receipt === undefined
        ? undefined
        : await (await import("./run/receipt.ts")).parseReceipt(parsed, await locateProject());
    const conf = parseConfName(parsed.conf) ?? receipt?.receipt.conf;
    const project = await loadRunningProject(conf, env, (known) =>
      selectInstances(known, selection),
    );
    if (isCopy(project)) await (await import("../common/require-copy.ts")).noteNewCopy(project);
    const selections = [selection];
    const options = { ...runSettings(parsed), project, selections, recreate: false, receipt };
    const planned = planAnywhere(options, parsed.out);
    const { engine, plan } = await withMistakesFirst(planned, { project });
    const actions = reportPlan(plan, await observeReplaced(engine, plan));
    if (parsed.out !== undefined) {
      await requireNoMissing(plan.missing);
      savePlan(parsed.out, options, plan);
    }
    const pulled = receipt ? [] : selectInstances(project, selection);
    const pulls = planPullAlways(project, pulled).map(({ image }) => image);
    if (!receipt) await warnOfOutdatedImages(project, plan, engine);
    if (engine.local) noteNewFolders(plan.steps, project);
    if (parsed.json) printJson({ ...planToJson(plan, actions), pulls });
    else printPlan(plan, actions);
    if (pulls.length > 0) log.info(`run pulls first, and then decides: ${pulls.join(", ")}`);
    return parsed.exitCode && actions.length > 0 ? pendingStatus : 0;
  },
});

interface PlacedPlan {
  readonly engine: Engine;
  readonly plan: RunPlan;
}

/** On the nodes of the conf, or here where it has none. */
async function planAnywhere(options: RunOptions, out: string | undefined): Promise<PlacedPlan> {
  const onNodes = options.project.conf.nodes && (await import("./run/on-nodes.ts"));
  const planned = await onNodes?.planOnNodes(options, out);
  if (planned) return planned;
  const engine = await connectEngine();
  return { engine, plan: await planOnce(options, engine) };
}

function printPlan(plan: RunPlan, actions: readonly PlannedAction[]): void {
  const { warnings, missing, orphans, lostData, unchanged } = plan;
  for (const warning of warnings) log.warn(warning);
  for (const { host, target, volume } of lostData)
    log.warn(`${host} would no longer have the volume "${volume}" at ${target}`);
  if (missing.length > 0)
    log.warn(`run will ask for: ${missing.map(({ name }) => name).join(", ")}`);
  if (orphans.length > 0 && !actions.some(({ reason }) => reason === orphanReason)) {
    const hosts = summarizeList(
      orphans.map(({ host }) => host),
      8,
    );
    log.warn(`no longer defined: ${hosts}; add prune=true to remove them`);
  }
  if (actions.length > 0) print(`${formatActions(actions)}\n`);
  const outcome = actions.length === 0 ? "Nothing to do" : "Plan";
  print(`${outcome}: ${countActions(actions, unchanged.length)}`);
}

function planToJson(plan: RunPlan, actions: readonly PlannedAction[]): object {
  return {
    actions,
    unchanged: plan.unchanged.map(({ host }) => host),
    orphans: plan.orphans.map(({ host }) => host),
    lostData: plan.lostData,
    missing: plan.missing.map(({ name, secret, hosts }) => ({ name, secret, hosts })),
    warnings: plan.warnings,
  };
}
