import { existsSync } from "node:fs";
import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { printJson } from "../../ui/output/print.ts";
import { ReynsError } from "../../errors.ts";
import { carriedImages, imagesOf } from "../../plan/resolve/images.ts";
import { planBuilds } from "../../plan/build-plan.ts";
import { observe } from "../../runtime/observe/observe.ts";
import { buildSettings } from "../shared/build-settings.ts";
import { withProjectLock } from "../shared/with-project-lock.ts";
import { applyPlan } from "../shared/apply-plan.ts";
import { carriedProject } from "../shared/bundled-project.ts";
import { withEngineNotice, connectEngine } from "../shared/context.ts";

export const examples: Examples = [
  ["reyns init", "from debian:bookworm-slim, pulled or made here"],
  ["reyns init rootfs=bookworm.tar", "on a root file system of your own"],
  ["reyns init cache=false verbose", "anew, with the whole output"],
];

export const command = defineCommand({
  meta: {
    name: "init",
    description:
      "Builds the base images on this host: reyns/reyns-common, reyns/reyns-base and reyns/reyns-dns. Other commands do it on first need.",
  },
  args: {
    rootfs: {
      type: "string",
      valueHint: "FILE",
      description: "Tar of a Debian root file system to build on, where no registry answers",
    },
    cache: { type: "boolean", default: true, description: "Use the Engine's build cache" },
    verbose: { type: "boolean", description: "Show the whole output" },
    json: args.json,
  },
  run: async ({ args: { rootfs, cache, verbose, json } }) => {
    checkRootfs(args.given(rootfs));
    const engine = await connectEngine();
    const project = carriedProject();
    const settings = buildSettings({ cache, rootfs: args.given(rootfs), carriedAgain: true });
    const { folder } = project;
    await withProjectLock({ folder: undefined }, async (locked) => {
      const steps = planBuilds(
        project,
        carriedImages,
        await withEngineNotice(observe(engine, project, imagesOf(project))),
        settings,
      );
      await applyPlan(steps, engine, { locked, folder, verbose: verbose ?? false });
    });
    if (json) printJson(carriedImages.map((image) => ({ image })));
  },
});

/** Before anything is begun for it. */
function checkRootfs(file: string | undefined): void {
  if (file === undefined || existsSync(file)) return;
  throw new ReynsError("NO_BASE_IMAGE", `there is no root file system at ${file}`, {
    hint: "rootfs= takes a tar file",
  });
}
