import { defineCommand } from "citty";
import type { PullImage } from "../../model/steps.ts";
import { planPull } from "../../plan/pull-plan.ts";
import { tagged } from "../../plan/resolve/images.ts";
import { selectInstances } from "../../plan/select/select.ts";
import { plainSelection } from "../../plan/select/selection.ts";
import { observeImages, type ImageDetails } from "../../runtime/observe/images.ts";
import type { Engine } from "../../runtime/connect.ts";
import { log } from "../../ui/output/log.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { formatImages } from "../../ui/views/images.ts";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { applyPlan } from "../common/apply-plan.ts";
import { connectEngine, loadProject } from "../common/context.ts";
import { warnOfOlderImages } from "../common/older-images.ts";
import { lockOptions, withProjectLock } from "../common/with-project-lock.ts";
import { runningConf } from "./run/resolve-conf.ts";

export const examples: Examples = [
  ["reyns pull all", "the newest images of all tags; then: reyns run all"],
  ["reyns pull db", "the image of one service"],
  ["reyns pull all json", "which of them are newer, for a script"],
];

export const command = defineCommand({
  meta: {
    name: "pull",
    description:
      "Pulls the images of ready-made services again, as their tags may mean newer ones by now. What runs is replaced only by the next run. Credentials are those of docker login.",
  },
  args: {
    service: args.optionalService("Name of the service, a pattern, or all", "SERVICE|all"),
    group: args.group,
    conf: args.conf,
    wait: args.wait,
    jobs: args.jobs,
    json: args.json,
  },
  run: async ({ args: { service = "all", group, conf, wait, jobs, json } }) => {
    const project = await loadProject(args.parseConfName(conf) ?? (await runningConf()));
    const instances = selectInstances(project, plainSelection(service, group));
    const { steps, skipped } = planPull(project, instances);
    const engine = await connectEngine();
    const before = await observeImages(engine, steps.map(imageOf));
    await withProjectLock(lockOptions(project, { wait, jobs }), (locked) =>
      applyPlan(steps, engine, { locked, place: project }),
    );
    const pulled = await comparePulled(engine, steps, before);
    if (json)
      return printJson(pulled.map(({ isNewer, ...image }) => ({ ...image, newer: isNewer })));
    for (const line of skipped) log.info(line);
    if (pulled.length === 0) return log.info("nothing to pull: no service has a ready image");
    print(
      formatImages(pulled.map((one) => ({ ...one, note: one.isNewer ? "newer" : "as before" }))),
    );
    await warnOfOlderImages(engine, project.folder);
  },
});

interface PulledImage extends ImageDetails {
  readonly isNewer: boolean;
}

async function comparePulled(
  engine: Engine,
  steps: readonly PullImage[],
  before: ReadonlyMap<string, ImageDetails>,
): Promise<PulledImage[]> {
  const after = await observeImages(engine, steps.map(imageOf));
  return [...after].map(([name, image]) => ({
    ...image,
    isNewer: before.get(name)?.id !== image.id,
  }));
}

function imageOf({ image }: PullImage): string {
  return tagged(image);
}
