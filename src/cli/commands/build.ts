import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { planBuilds } from "../../plan/build-plan.ts";
import { imagesOnNode } from "../../plan/nodes/images.ts";
import { chooseServices } from "../../plan/select/services.ts";
import { buildSettings } from "../common/build-settings.ts";
import { lockOptions, withProjectLock } from "../common/with-project-lock.ts";
import { connectAll, locateProject } from "../common/context.ts";
import { loadLastConf } from "../common/last-conf.ts";
import { makeImages } from "../common/make-images.ts";

export const examples: Examples = [
  ["reyns build web", "one service, and the images that it builds on"],
  ["reyns build all", "everything in services/"],
  ["reyns build web cache=false verbose", "from scratch, with the whole output"],
  ["reyns build web build_arg=VERSION=2 pull", "with an ARG, on the newest base image"],
];

export const command = defineCommand({
  meta: {
    name: "build",
    description:
      "Builds a service, after the services and base images that it is based on. On several machines, the first one builds, and the others get what their instances run.",
  },
  args: {
    service: args.optionalService(
      "Name of the service, a pattern, or all: the default, which skips folders that contain a no_autobuild file",
      "SERVICE|all",
    ),
    cache: { type: "boolean", default: true, description: "Use the Engine's build cache" },
    pull: { type: "boolean", description: "Pull the base images first, as pull: true in build" },
    buildArg: {
      type: "string",
      valueHint: "NAME=VALUE",
      description: "Set an ARG of the Dockerfiles, whatever the definition says; can be repeated",
    },
    verbose: { type: "boolean", description: "Show the whole output" },
    wait: args.wait,
    jobs: args.jobs,
    json: args.json,
  },
  run: async ({ args: { service = "all", verbose = false, wait, jobs, json, ...given } }) => {
    const project = await loadLastConf();
    const images = chooseServices(project, service).map(({ image }) => image);
    const engine = await connectAll(await locateProject());
    const { cache, pull = false, buildArg } = given;
    const settings = buildSettings({
      cache,
      pull,
      arguments: args.parseEnv(buildArg, "build_arg"),
    });
    await withProjectLock(lockOptions(project, { wait, jobs }), (locked) =>
      makeImages({
        ...{ engine, project, locked, verbose },
        plan: (observed) => planBuilds(project, images, observed, settings),
        wantedOn: (node) => imagesOnNode(node, images, project),
      }),
    );
    if (json) printJson(images.map((image) => ({ image })));
    else print(builtText(images));
  },
});

function builtText(images: readonly string[]): string {
  if (images.length === 0) return "nothing to build: no service has a Dockerfile";
  if (images.length === 1) return `${images[0]} is built`;
  return `${images.length} images are built: ${images.join(", ")}`;
}
