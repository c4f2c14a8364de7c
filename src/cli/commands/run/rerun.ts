import { defineCommand, type ParsedArgs } from "citty";
import * as args from "../../args/common.ts";
import type { Examples } from "../../help/help.ts";
import { printJson } from "../../../ui/output/print.ts";
import { parseSelection, rerunArgs } from "../../args/run.ts";
import { confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { ReynsError } from "../../../errors.ts";
import { nodesOf } from "../../../model/nodes.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import type { Project } from "../../../model/project.ts";
import { withoutAttached } from "../../../plan/select/choose.ts";
import { definedHosts } from "../../../plan/select/select.ts";
import { type Selection } from "../../../plan/select/selection.ts";
import { lockOptions, withProjectLock } from "../../common/with-project-lock.ts";
import { runSettings, type RunOptions } from "./options.ts";
import { promptForAll } from "./resolve-plan.ts";
import { runInstances, type RunResult } from "./run-instances.ts";
import { parseReceipt, requireReceipt } from "./receipt.ts";
import { loadProject, locateProject } from "../../common/context.ts";
import { resolveInstances } from "../../common/resolve-instances.ts";

type RerunArgs = ParsedArgs<typeof rerunArgs>;

export const examples: Examples = [
  ["reyns rerun web one", "after a change of its definition"],
  ["reyns rerun all", "every instance of the project"],
  ["reyns rerun web one safemode", "without its prestartup scripts"],
];

export const command = defineCommand({
  meta: {
    name: "rerun",
    description:
      "Replaces instances, whether they have changed or not, with the same conf as before. Keeps persistent data.",
  },
  args: rerunArgs,
  run: async ({ args: parsed }) => {
    const example = "reyns rerun demo one";
    const { chosen: found, place } = await resolveInstances({ ...parsed, example });
    const chosen = withoutAttached(found, parsed);
    const receipt =
      parsed.receipt === undefined ? undefined : await parseReceipt(parsed, await locateProject());
    const conf = args.parseConfName(parsed.conf) ?? receipt?.receipt.conf;
    if (conf !== undefined) await confirmConf(chosen, conf, parsed.yes ?? false);
    const runs = (await runsByConf(chosen, conf, parsed)).map((run) => ({ ...run, receipt }));
    for (const { project } of runs) requireReceipt(project, receipt);
    requireSameMachines(runs);
    const answers = runs.length > 1 ? await promptForAll(runs) : undefined;
    const results = await withProjectLock(lockOptions(place, parsed), async (locked) => {
      const done: RunResult[] = [];
      for (const run of runs) done.push(await runInstances(run, locked, answers));
      return done;
    });
    if (parsed.json) printJson(results.flatMap(({ instances = [] }) => instances));
    return Math.max(0, ...results.map(({ status }) => status));
  },
});

/** One run for each conf. Reads all of them first, so that a mistake in one costs no running instance. */
function runsByConf(
  instances: readonly ObservedInstance[],
  conf: string | undefined,
  parsed: RerunArgs,
): Promise<RunOptions[]> {
  const byConf = Map.groupBy(instances, (instance) => conf ?? instance.conf);
  return Promise.all(
    [...byConf].map(async ([name, members]) => {
      const project = await loadProject(name, args.withAllowed(process.env, parsed.allow));
      const selections = members.map((instance) => selectionFor(instance, project, parsed));
      return { ...runSettings(parsed), project, selections, recreate: true };
    }),
  );
}

/** A call is connected to the nodes of its confs, or to the caller's Engine. */
function requireSameMachines(runs: readonly RunOptions[]): void {
  const isSpread = ({ project }: RunOptions): boolean => nodesOf(project.conf).length > 0;
  if (!runs.some(isSpread) || runs.every(isSpread)) return;
  const names = runs.map(({ project }) => project.conf.name).join(", ");
  const message = `of the confs ${names}, some are spread over machines and others are not`;
  throw new ReynsError("INVALID_VALUE", message, { hint: "name one of them: conf=NAME" });
}

/** An instance that no definition names was started from its service's definition, and is again. */
function selectionFor(
  { service, instance, host, node }: ObservedInstance,
  { conf }: Project,
  parsed: RerunArgs,
): Selection {
  const isNew = !definedHosts(conf).has(host);
  return { ...parseSelection(parsed), service, instance, group: isNew ? node : undefined, isNew };
}

/** Asks before instances run with another conf than before. */
async function confirmConf(
  instances: readonly ObservedInstance[],
  conf: string,
  yes: boolean,
): Promise<void> {
  const others = instances.filter((instance) => instance.conf !== conf);
  if (others.length === 0) return;
  const hosts = others.map((instance) => `${instance.host} ("${instance.conf ?? "default"}")`);
  const question = `Run ${hosts.join(", ")} with the conf "${conf}" instead of the one used before?`;
  await confirmOrCancel({ question, hint: "add yes=true", yes });
}
