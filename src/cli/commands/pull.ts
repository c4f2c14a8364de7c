import { defineCommand } from "citty";
import type { Project } from "../../model/project.ts";
import type { PullImage, Step } from "../../model/steps.ts";
import { stepsOnNode } from "../../plan/nodes/on-node.ts";
import { planPull, type PullPlan } from "../../plan/pull-plan.ts";
import { tagged } from "../../plan/resolve/images.ts";
import { selectInstances } from "../../plan/select/select.ts";
import { plainSelection, type SelectedInstance } from "../../plan/select/selection.ts";
import { observeImages, type ImageDetails } from "../../runtime/observe/images.ts";
import type { Engine } from "../../runtime/connect.ts";
import { log } from "../../ui/output/log.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { formatImages } from "../../ui/views/images.ts";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { applyPlan } from "../common/apply-plan.ts";
import { connectAll, locateProject } from "../common/context.ts";
import { warnOfOlderImages } from "../common/older-images.ts";
import { lockOptions, withProjectLock } from "../common/with-project-lock.ts";
import { loadRunningProject } from "./run/resolve-conf.ts";

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
    const project = await loadRunningProject(args.parseConfName(conf));
    const instances = selectInstances(project, plainSelection(service, group));
    const engine = await connectAll(await locateProject());
    const pulls = pullsOn(engine, project, instances);
    const skipped = [...new Set(pulls.flatMap((pull) => pull.skipped))];
    const before = await observePulled(pulls);
    await withProjectLock(lockOptions(project, { wait, jobs }), (locked) =>
      applyPlan(pulls.flatMap(stepsOf), engine, { locked, place: project }),
    );
    const pulled = comparePulled(await observePulled(pulls), before);
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

/** What an Engine pulls. */
interface EnginePull extends PullPlan {
  /** Undefined where there is only one Engine. */
  readonly node: string | undefined;
  readonly engine: Engine;
}

/** Each node pulls what its own instances run. */
function pullsOn(
  engine: Engine,
  project: Project,
  instances: readonly SelectedInstance[],
): EnginePull[] {
  if (!engine.fleet) return [{ node: undefined, engine, ...planPull(project, instances) }];
  return engine.fleet.members.map(({ name, engine: own }) => {
    // Tasks of a service may run on any of them.
    const there = instances.filter(
      ({ definition: { group, swarm } }) => group === name || swarm !== undefined,
    );
    return { node: name, engine: own, ...planPull(project, there) };
  });
}

function stepsOf({ node, steps }: EnginePull): readonly Step[] {
  return node === undefined ? steps : stepsOnNode(node, steps);
}

interface FoundOnEngine extends ImageDetails {
  readonly node?: string;
}

async function observePulled(pulls: readonly EnginePull[]): Promise<FoundOnEngine[]> {
  const found = await Promise.all(
    pulls.map(async ({ node, engine, steps }) => {
      const images = await observeImages(engine, steps.map(imageOf));
      return [...images.values()].map((image) => ({ ...image, ...(node && { node }) }));
    }),
  );
  return found.flat();
}

interface PulledImage extends FoundOnEngine {
  readonly isNewer: boolean;
}

function comparePulled(
  after: readonly FoundOnEngine[],
  before: readonly FoundOnEngine[],
): PulledImage[] {
  return after.map((image) => ({
    ...image,
    isNewer: !before.some(
      ({ node, name, id }) => node === image.node && name === image.name && id === image.id,
    ),
  }));
}

function imageOf({ image }: PullImage): string {
  return tagged(image);
}
