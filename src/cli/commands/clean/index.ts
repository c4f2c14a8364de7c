import { defineCommand } from "citty";
import * as args from "../../args/common.ts";
import type { Examples } from "../../help/help.ts";
import { printJson } from "../../../ui/output/print.ts";
import { log } from "../../../ui/output/log.ts";
import { confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { ReynsError } from "../../../errors.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import { definedHosts } from "../../../plan/select/select.ts";
import { lastConfKey, readHostValues } from "../../../project/host-conf.ts";
import { isCopy } from "../../../model/copy-origin.ts";
import type { ProjectPlace } from "../../../project/locate.ts";
import { reportRemainingData } from "./data.ts";
import { lockOptions, withProjectLock } from "../../common/with-project-lock.ts";
import { rejectUnused } from "../../args/validate.ts";
import { cleanEverything } from "./clean-everything.ts";
import { cleanImages } from "./clean-images.ts";
import { cleanInstances } from "./clean-instances.ts";
import { loadRunningProject } from "../run/resolve-conf.ts";
import { removeCopy } from "./remove-copy.ts";
import { connectAll, loadProject, locateProject } from "../../common/context.ts";
import { partialNodes } from "../../common/one-engine.ts";

export const examples: Examples = [
  ["reyns clean web one", "one instance; its data is kept"],
  ["reyns clean all yes=true", "every instance, without asking"],
  ["reyns clean group=node1", "one group"],
  ["reyns clean orphans=true", "what is no longer defined"],
  ["reyns clean strict=true", "what the conf that ran last defines"],
  ["reyns clean all stopped=true", "what has stopped, and nothing that runs"],
  ["reyns clean all images=true", "with the images that were built here"],
  ["reyns clean db one data=true", "with its data, to start empty"],
  ["reyns clean all copy=demo", "a copy of the project, with its data"],
];

export const command = defineCommand({
  meta: {
    name: "clean",
    description:
      "Stops and removes instances. Persistent data is kept unless data=true; clean all of a copy removes the copy, with its data. reallyall removes every container on the Engine, including other people's.",
  },
  args: {
    service: args.optionalService(
      "Name of the service, a pattern, all, or reallyall",
      "PRESENT|all|reallyall",
    ),
    instance: args.instances,
    group: args.group,
    conf: {
      ...args.conf,
      description: "With strict or orphans: the conf to use instead of the one that ran last",
    },
    strict: { type: "boolean", description: "Only the instances that the conf defines" },
    orphans: {
      type: "boolean",
      description: "Only the instances whose definition is gone; reads the definition",
    },
    stopped: {
      type: "boolean",
      description:
        "Only the instances that have stopped; jobs that are done stay, unless their service is named",
    },
    data: {
      type: "boolean",
      description: "Also remove their data: persistent folders, and the project's volumes",
    },
    images: {
      type: "boolean",
      description:
        "Also remove the images that were built here, unless something else uses them; not with a part of the instances",
    },
    stopTimeout: args.stopTimeout,
    force: { type: "boolean", description: "Do not ask" },
    confirm: {
      type: "enum",
      valueHint: "folders",
      options: ["folders"],
      description:
        "Ask only before folders with data, or volumes beyond the definition, are removed, as reyns down does",
    },
    wait: args.wait,
    jobs: args.jobs,
    yes: args.yes,
    json: args.json,
  },
  run: async ({ args: parsed }) => {
    const { service, instance, group, conf, strict, orphans, data, images, json } = parsed;
    const stopped = parsed.stopped ?? false;
    const isConfirmed = parsed.force ?? parsed.yes ?? false;
    const stopTimeout = args.parseSeconds(parsed.stopTimeout, "timeout");
    if (service === "reallyall") {
      const reason = "clean reallyall removes every container on the Engine";
      const useful = ["service", "force", "confirm", "yes", "json"];
      // Beside a part, a caller would expect that it removes this part only.
      rejectUnused(parsed, useful, reason, "for a part: reyns clean all group=NAME");
      return cleanEverything(isConfirmed, json ?? false);
    }
    rejectStrictOrphans(strict, orphans);
    if (conf !== undefined && !strict && !orphans) throw unusedConf(conf);
    const confName = args.parseConfName(conf);
    const hosts = strict ? await confHosts(confName, isConfirmed) : undefined;
    const notIn = orphans ? await loadRunningProject(confName) : undefined;
    const example = "reyns clean demo one, reyns clean all";
    const all = orphans || strict ? "all" : undefined;
    const target = { service: service ?? all, instance, group, example };
    const place = await locateProject();
    if (await isWholeCopy(place, parsed)) {
      const gone = await removeCopy(place, { isConfirmed, stopTimeout, lock: parsed });
      if (images) await cleanImages({ ...place, name: undefined }, target);
      if (json) printJson(gone.map(instanceName));
      return;
    }
    const which = { target, hosts, notIn, stopped };
    const asks = parsed.confirm === "folders" ? "unlessFolders" : false;
    const options = {
      ...which,
      data: data ?? false,
      isConfirmed: isConfirmed || asks,
      stopTimeout,
    } as const;
    const { project, removed, steps, withImages } = await withProjectLock(
      lockOptions(place, parsed),
      async (locked) => {
        const cleaned = await cleanInstances(options, locked);
        const gone = images ? await cleanImages(cleaned.project, target, isRestricted(parsed)) : [];
        return { ...cleaned, withImages: gone };
      },
    );
    if (json) return printJson(removed.map(instanceName));
    if (steps.length + withImages.length > 0) return;
    const reason = nothingReason(orphans, stopped);
    log.info(`nothing to clean${reason === undefined ? "" : `: ${reason}`}`);
    if (data) reportRemainingData(project);
  },
});

function nothingReason(orphans: boolean | undefined, stopped: boolean): string | undefined {
  if (orphans) return "all that is here is defined";
  return stopped ? "nothing has stopped; stopped=false takes what runs, too" : undefined;
}

/** Whether a call removes a copy, not only a part of it, or what is on some of its machines, or all but its data. */
async function isWholeCopy(place: ProjectPlace, parsed: WholeArgs): Promise<boolean> {
  const { service, instance, group, strict, orphans, stopped, data } = parsed;
  const isPart = instance !== undefined || group !== undefined || strict || orphans || stopped;
  if (!isCopy(place) || service !== "all" || isPart || data === false) return false;
  return partialNodes(await connectAll(place)) === undefined;
}

/** Whether instances stay that the call names. */
function isRestricted({ strict, orphans, stopped }: WholeArgs): boolean {
  return [strict, orphans, stopped].includes(true);
}

type WholeArgs = {
  readonly [Name in "service" | "instance" | "group"]?: string | undefined;
} & { readonly [Name in "strict" | "orphans" | "stopped" | "data"]?: boolean | undefined };

function instanceName({ service, instance }: ObservedInstance): unknown {
  return { service, instance };
}

function rejectStrictOrphans(strict: boolean | undefined, orphans: boolean | undefined): void {
  if (!strict || !orphans) return;
  const message = "strict cannot be combined with orphans";
  const hint = "strict takes what the conf defines, orphans what it no longer does: leave one out";
  throw new ReynsError("UNEXPECTED_ARGUMENT", message, { hint });
}

/** Without strict or orphans, no definition is read. */
function unusedConf(conf: string): ReynsError {
  const hint = `for the instances that this conf defines: reyns clean strict=true conf=${conf}; for all, whichever conf they are of, leave out conf=`;
  return new ReynsError("UNEXPECTED_ARGUMENT", "conf belongs to strict or orphans", { hint });
}

/** Host names of a conf, by default the last one run. Asks about another one: what runs may not be in it. */
async function confHosts(conf: string | undefined, yes: boolean): Promise<Set<string>> {
  const last = readHostValues(await locateProject())[lastConfKey];
  if (conf !== undefined && conf !== (last ?? "default"))
    await confirmOrCancel({
      question: `The last run here used the conf "${last ?? "default"}". Clean the instances of "${conf}"?`,
      hint: "add yes=true",
      yes,
    });
  return definedHosts((await loadProject(conf ?? last)).conf);
}
