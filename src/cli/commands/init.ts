import { existsSync } from "node:fs";
import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { printJson } from "../../ui/output/print.ts";
import { hasCode, ReynsError, ReynsErrors } from "../../errors.ts";
import { log } from "../../ui/output/log.ts";
import { bundledImages, carriedImages } from "../../plan/resolve/images.ts";
import { planBuilds } from "../../plan/build-plan.ts";
import { bundledServices } from "../../project/services/read.ts";
import type { Project } from "../../model/project.ts";
import { nodeVariable } from "../../project/locate.ts";
import type { Engine } from "../../runtime/connect.ts";
import { buildSettings } from "../common/build-settings.ts";
import { withProjectLock } from "../common/with-project-lock.ts";
import { makeImages } from "../common/make-images.ts";
import {
  connectAll,
  connectEngine,
  locateProject,
  withDefinitionNotice,
} from "../common/context.ts";

export const examples: Examples = [
  ["reyns init", "on debian:bookworm-slim, pulled or built here"],
  ["reyns init rootfs=bookworm.tar", "on your own root file system"],
  [
    "reyns init router=true",
    "with the image of the router, also outside of a project that has one",
  ],
  ["reyns init cache=false verbose", "from scratch, with the whole output"],
];

export const command = defineCommand({
  meta: {
    name: "init",
    description:
      "Builds the base images on this host: reyns/reyns-common, reyns/reyns-base and reyns/reyns-dns, and reyns/reyns-router where the project in this folder has a router. If that project runs on several machines, the first one builds, and the others get them. Other commands build them when they first need them.",
  },
  args: {
    rootfs: {
      type: "string",
      valueHint: "FILE",
      description: "Tar of a Debian root file system to build on, where there is no registry",
    },
    router: {
      type: "boolean",
      description:
        "Build the router's image, or do not; by default, where the project in this folder has a router",
    },
    cache: { type: "boolean", default: true, description: "Use the Engine's build cache" },
    verbose: { type: "boolean", description: "Show the whole output" },
    json: args.json,
  },
  run: async ({ args: { rootfs, router, cache, verbose = false, json } }) => {
    checkRootfs(rootfs);
    const images = (router ?? (await hasRouter())) ? carriedImages : bundledImages;
    const engine = await connectIfAny();
    const project = bundledProject();
    const settings = buildSettings({ cache, rootfs, rebuildBundled: true });
    await withProjectLock({ place: undefined }, (locked) =>
      makeImages({
        ...{ engine, project, locked, verbose },
        plan: (observed) => planBuilds(project, images, observed, settings),
        wantedOn: () => images,
      }),
    );
    if (json) printJson(images.map((image) => ({ image })));
  },
});

/** The Engines of the project in this folder, if there is one with several. */
async function connectIfAny(): Promise<Engine> {
  if (process.env[nodeVariable] !== undefined) return connectAll(await locateProject());
  const place = await locateProject().catch(() => undefined);
  return place ? connectAll(place) : connectEngine();
}

/** Whether the project in this folder, if there is one, has a router. Base images need no project without mistakes. */
async function hasRouter(): Promise<boolean> {
  try {
    const place = await locateProject();
    const { inspectProject } = await import("../../project/read.ts");
    const reading = inspectProject(place, process.env);
    const { project, errors } = await withDefinitionNotice(reading);
    const found = project.conf.instances.some(({ router }) => router !== undefined);
    if (!found && errors.length > 0) warnOfMistakes();
    return found;
  } catch (error) {
    if (!(error instanceof ReynsError) && !(error instanceof ReynsErrors)) throw error;
    if (!hasCode(error, "NO_PROJECT")) warnOfMistakes();
    return false;
  }
}

function warnOfMistakes(): void {
  const message = "the project has mistakes, so the router's image is not built";
  log.warn(message, "find them with reyns check, or add router=true");
}

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
