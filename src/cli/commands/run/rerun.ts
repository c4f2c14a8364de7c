import { defineCommand, type ParsedArgs } from "citty";
import * as args from "../../args/common.ts";
import type { Examples } from "../../help/help.ts";
import { instanceJson } from "../../../ui/views/instances.ts";
import { printJson } from "../../../ui/output/print.ts";
import { runArgs, selectionOf } from "../../args/run.ts";
import { confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import type { Selection } from "../../../plan/select/select.ts";
import { withProjectLock } from "../../shared/with-project-lock.ts";
import { askMissing, type RunOptions } from "./resolve-plan.ts";
import { runInstances } from "./run-instances.ts";
import { loadProject } from "../../shared/context.ts";
import { resolveInstances } from "../../shared/resolve-instances.ts";

export const examples: Examples = [
  ["reyns rerun web one", "after a change of its definition"],
  ["reyns rerun all", "everything that runs"],
  ["reyns rerun web one safemode", "without its prestartup scripts"],
];

export const command = defineCommand({
  meta: {
    name: "rerun",
    description:
      "Cleans an instance and runs it again with the conf that it was run with. Persistent data stays.",
  },
  args: runArgs,
  run: async ({ args: given }) => {
    const { chosen, place } = await resolveInstances({ ...given, example: "reyns rerun demo one" });
    const conf = args.confName(given.conf);
    const others = chosen.filter((instance) => conf !== undefined && instance.conf !== conf);
    if (others.length > 0) await confirmOtherConf(others, conf ?? "", given.yes ?? false);
    const byConf = [...Map.groupBy(chosen, (instance) => conf ?? instance.conf)];
    // All of them are read first: a mistake in one must not cost what runs.
    const projects = await Promise.all(byConf.map(([name]) => loadProject(name)));
    const calls = byConf.flatMap(([, instances], index) => {
      const project = projects[index];
      return project
        ? [{ ...callOf(given), project, selections: selectionsOf(instances, given) }]
        : [];
    });
    const answers = calls.length > 1 ? await askMissing(calls) : undefined;
    const { folder } = place;
    const wait = args.seconds(given.wait, "wait");
    const settings = { folder, wait, jobs: args.jobsOf(given.jobs) };
    const results = await withProjectLock(settings, async (change) => {
      const each = [];
      for (const call of calls) each.push(await runInstances(call, change, answers));
      return each;
    });
    if (given.json)
      await printJson(results.flatMap((result) => result.instances).map(instanceJson));
    return Math.max(0, ...results.map(({ status }) => status));
  },
});

type Given = ParsedArgs<typeof runArgs>;

function callOf(given: Given): Omit<RunOptions, "project" | "selections"> {
  return {
    timeout: args.seconds(given.timeout),
    parallel: given.parallel ?? false,
    allowPublic: given.allowPublic ?? false,
    json: given.json ?? false,
    yes: given.yes ?? false,
    recreate: true,
  };
}

function selectionsOf(instances: readonly ObservedInstance[], given: Given): Selection[] {
  return instances.map(({ service, instance }) => ({
    ...selectionOf(given),
    service,
    instance,
    group: undefined,
  }));
}

async function confirmOtherConf(
  instances: readonly ObservedInstance[],
  conf: string,
  yes: boolean,
): Promise<void> {
  const hosts = instances.map((instance) => `${instance.host} ("${instance.conf ?? "default"}")`);
  const question = `Run ${hosts.join(", ")} with the conf "${conf}" instead of the one used before?`;
  await confirmOrCancel({ question, hint: "add yes=True", yes });
}
