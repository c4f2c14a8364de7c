import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { observe } from "../../runtime/observe/observe.ts";
import { imagesOf } from "../../plan/resolve/images.ts";
import { planBuilds } from "../../plan/build-plan.ts";
import { chooseServices } from "../../plan/select/select.ts";
import { buildSettings } from "../shared/build-settings.ts";
import { withProjectLock } from "../shared/with-project-lock.ts";
import { applyPlan } from "../shared/apply-plan.ts";
import { asking, connectEngine, loadProject } from "../shared/context.ts";

export const examples: Examples = [
  ["reyns build web", "one service, and what it builds on"],
  ["reyns build all", "everything in services/"],
  ["reyns build web cache=false verbose", "from scratch, and shows it"],
];

export const command = defineCommand({
  meta: {
    name: "build",
    description:
      "Builds a service and, parents first, the project's services and base images that its FROM needs.",
  },
  args: {
    service: args.service(
      "Name of the service, a pattern, or all (leaves out folders with a no_autobuild file)",
      "SERVICE|all",
    ),
    cache: { type: "boolean", default: true, description: "Use the Engine's build cache" },
    verbose: { type: "boolean", description: "Show the whole output" },
    wait: args.wait,
    jobs: args.jobs,
    json: args.json,
  },
  run: async ({ args: { service, cache, verbose, wait, jobs, json } }) => {
    const wanted = args.needWord(service, "service", "reyns build demo, reyns build all");
    const project = await loadProject();
    const images = chooseServices(project, wanted).map(({ image }) => image);
    const engine = await connectEngine();
    const { folder } = project;
    const settings = { folder, wait: args.seconds(wait, "wait"), jobs: args.jobsOf(jobs) };
    await withProjectLock(settings, async (change) => {
      const observed = await asking(observe(engine, project, imagesOf(project)));
      const steps = planBuilds(project, images, observed, buildSettings({ cache }));
      await applyPlan(steps, engine, { change, folder, verbose: verbose ?? false });
    });
    if (json) await printJson(images.map((image) => ({ image })));
    else
      await print(
        images.length === 1
          ? `${images[0]} is built`
          : `${images.length} images are built: ${images.join(", ")}`,
      );
  },
});
