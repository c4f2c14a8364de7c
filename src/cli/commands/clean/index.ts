import { defineCommand } from "citty";
import * as args from "../../args/common.ts";
import type { Examples } from "../../help/help.ts";
import { instanceTable } from "../../../ui/views/instances.ts";
import { print, printJson, say } from "../../../ui/output/print.ts";
import { confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { planClean } from "../../../plan/lifecycle-plan.ts";
import { ReynsError } from "../../../errors.ts";
import { definedHosts } from "../../../plan/select/select.ts";
import { lastConf, readHostConf } from "../../../project/host-conf.ts";
import { reportRemainingData } from "./data.ts";
import { everyContainer } from "../../shared/all-containers.ts";
import { withProjectLock } from "../../shared/with-project-lock.ts";
import { cleanInstances } from "./clean-instances.ts";
import { applyPlan } from "../../shared/apply-plan.ts";
import { connectEngine, locateProject, loadProject } from "../../shared/context.ts";

export const examples: Examples = [
  ["reyns clean web one", "one instance; its data stays"],
  ["reyns clean all force", "everything, unasked"],
  ["reyns clean group=node1", "one group"],
  ["reyns clean db one data=true", "to begin with empty data"],
];

export const command = defineCommand({
  meta: {
    name: "clean",
    description:
      "Stops and removes instances. Persistent data stays, but with data. reallyall takes every container on the Engine, whoever made it.",
  },
  args: {
    service: args.service(
      "Name of the service, a pattern, all, or reallyall",
      "PRESENT|all|reallyall",
    ),
    instance: args.instances,
    group: args.group,
    conf: args.conf,
    strict: { type: "boolean", description: "Only the instances that the conf names" },
    data: {
      type: "boolean",
      description: "Remove what they keep, too: persistent folders, and volumes of the project",
    },
    force: { type: "boolean", description: "Do not ask" },
    wait: args.wait,
    jobs: args.jobs,
    yes: args.yes,
    json: args.json,
  },
  run: async ({
    args: { service, instance, group, conf, strict, data, force, wait, jobs, yes, json },
  }) => {
    const isSure = force ?? yes ?? false;
    if (service === "reallyall") {
      refuseOthers({ instance, group, conf, strict, data, wait, jobs, json });
      return cleanEverything(isSure);
    }
    const named = strict
      ? await namedByConf(args.confName(conf), yes ?? force ?? false)
      : undefined;
    const wanted = { service, instance, group, example: "reyns clean demo one, reyns clean all" };
    const settings = {
      folder: (await locateProject()).folder,
      wait: args.seconds(wait, "wait"),
      jobs: args.jobsOf(jobs),
    };
    const { project, leaving, steps } = await withProjectLock(settings, (change) =>
      cleanInstances({ wanted, named, data: data ?? false, isSure }, change),
    );
    if (json)
      return printJson(
        leaving.map(({ service: name, instance: one }) => ({ service: name, instance: one })),
      );
    if (steps.length > 0) return;
    say("nothing to clean");
    if (data) reportRemainingData(project);
  },
});

/** The conf last used counts; another one is asked about, as it may name other instances than those that run. */
async function namedByConf(conf: string | undefined, yes: boolean): Promise<Set<string>> {
  const last = readHostConf((await locateProject()).folder)[lastConf];
  if (conf !== undefined && conf !== (last ?? "default")) {
    await confirmedOrCancelled(
      `The conf last run here is "${last ?? "default"}". Clean what "${conf}" names?`,
      yes,
    );
  }
  return definedHosts((await loadProject(conf ?? last)).conf);
}

/** Whoever takes everything must not believe that a part was meant. */
function refuseOthers(given: Readonly<Record<string, unknown>>): void {
  const keys = Object.keys(given).filter((key) => given[key] !== undefined && given[key] !== "");
  if (keys.length === 0) return;
  const message = `clean reallyall takes every container on the Engine, without ${keys.join(", ")}`;
  throw new ReynsError("EXTRA_WORD", message, { hint: "for a part: reyns clean all group=NAME" });
}

async function cleanEverything(force: boolean): Promise<void> {
  const everything = await everyContainer();
  if (everything.length === 0) return say("nothing to clean");
  await print(instanceTable(everything));
  if (!force)
    await confirmedOrCancelled(
      `Stop and remove all ${everything.length} containers of this Engine, also those that are not Reyns's?`,
      false,
    );
  await withProjectLock({ folder: undefined, wait: undefined }, async (change) =>
    applyPlan(planClean(everything, everything, undefined), await connectEngine(), {
      change,
      folder: process.cwd(),
    }),
  );
}

function confirmedOrCancelled(question: string, yes: boolean): Promise<void> {
  return confirmOrCancel({ question, hint: "add force=True", yes });
}
