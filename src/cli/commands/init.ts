import { existsSync } from "node:fs";
import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { printJson } from "../../ui/output/print.ts";
import { ReynsError } from "../../errors.ts";
import { bundledImages, imagesOf } from "../../plan/resolve/images.ts";
import { planBuilds } from "../../plan/build-plan.ts";
import { bundledServices } from "../../project/services/read.ts";
import type { Project } from "../../model/project.ts";
import { observe } from "../../runtime/observe/observe.ts";
import { buildSettings } from "../common/build-settings.ts";
import { withProjectLock } from "../common/with-project-lock.ts";
import { applyPlan } from "../common/apply-plan.ts";
import { connectEngine, withEngineNotice } from "../common/context.ts";

export const examples: Examples = [
  ["reyns init", "on debian:bookworm-slim, pulled or built here"],
  ["reyns init rootfs=bookworm.tar", "on your own root file system"],
  ["reyns init cache=false verbose", "from scratch, with the whole output"],
];

export const command = defineCommand({
  meta: {
    name: "init",
    description:
      "Builds the base images on this host: reyns/reyns-common, reyns/reyns-base and reyns/reyns-dns. Other commands build them when they first need them.",
  },
  args: {
    rootfs: {
      type: "string",
      valueHint: "FILE",
      description: "Tar of a Debian root file system to build on, where there is no registry",
    },
    cache: { type: "boolean", default: true, description: "Use the Engine's build cache" },
    verbose: { type: "boolean", description: "Show the whole output" },
    json: args.json,
  },
  run: async ({ args: { rootfs, cache, verbose = false, json } }) => {
    checkRootfs(rootfs);
    const engine = await connectEngine();
    const project = bundledProject();
    const settings = buildSettings({ cache, rootfs, rebuildBundled: true });
    await withProjectLock({ place: undefined }, async (locked) => {
      const observed = await withEngineNotice(observe(engine, project, imagesOf(project)));
      const steps = planBuilds(project, bundledImages, observed, settings);
      await applyPlan(steps, engine, { locked, place: project, verbose });
    });
    if (json) printJson(bundledImages.map((image) => ({ image })));
  },
});

/** A project of the bundled services only: the base images need no other. */
function bundledProject(): Project {
  const folder = process.cwd();
  return {
    name: "reyns",
    folder,
    origin: folder,
    dataFolder: folder,
    conf: { name: "default", file: undefined, sequential: false, instances: [] },
    updatePolicy: "REPLACE",
    services: new Map(bundledServices.map((service) => [service.name, service])),
  };
}

/** @throws ReynsError NO_BASE_IMAGE before anything is built */
function checkRootfs(file: string | undefined): void {
  if (file === undefined || existsSync(file)) return;
  throw new ReynsError("NO_BASE_IMAGE", `there is no root file system at ${file}`, {
    hint: "rootfs= takes a tar file",
  });
}
