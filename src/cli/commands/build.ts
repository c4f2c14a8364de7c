import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { observe } from "../../runtime/observe/observe.ts";
import { imagesOf } from "../../plan/resolve/images.ts";
import { planBuilds } from "../../plan/build-plan.ts";
import { chooseServices } from "../../plan/select/services.ts";
import { buildSettings } from "../common/build-settings.ts";
import { lockOptions, withProjectLock } from "../common/with-project-lock.ts";
import { applyPlan } from "../common/apply-plan.ts";
import { connectEngine, loadProject, withEngineNotice } from "../common/context.ts";

export const examples: Examples = [
  ["reyns build web", "one service, and the images that it builds on"],
  ["reyns build all", "everything in services/"],
  ["reyns build web cache=false verbose", "from scratch, with the whole output"],
];

export const command = defineCommand({
  meta: {
    name: "build",
    description: "Builds a service, after the services and base images that it is based on.",
  },
  args: {
    service: args.optionalService(
      "Name of the service, a pattern, or all: the default, which skips folders that contain a no_autobuild file",
      "SERVICE|all",
    ),
    cache: { type: "boolean", default: true, description: "Use the Engine's build cache" },
    verbose: { type: "boolean", description: "Show the whole output" },
    wait: args.wait,
    jobs: args.jobs,
    json: args.json,
  },
  run: async ({ args: { service = "all", cache, verbose = false, wait, jobs, json } }) => {
    const project = await loadProject();
    const images = chooseServices(project, service).map(({ image }) => image);
    const engine = await connectEngine();
    await withProjectLock(lockOptions(project, { wait, jobs }), async (locked) => {
      const observed = await withEngineNotice(observe(engine, project, imagesOf(project)));
      const steps = planBuilds(project, images, observed, buildSettings({ cache }));
      await applyPlan(steps, engine, { locked, place: project, verbose });
    });
    if (json) printJson(images.map((image) => ({ image })));
    else print(builtText(images));
  },
});

function builtText(images: readonly string[]): string {
  if (images.length === 1) return `${images[0]} is built`;
  return `${images.length} images are built: ${images.join(", ")}`;
}
