import { defineCommand } from "citty";
import { observeProjectImages, type ProjectImage } from "../../runtime/observe/project-images.ts";
import { log } from "../../ui/output/log.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { formatImages } from "../../ui/views/images.ts";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { listInstances, withEngineNotice } from "../common/context.ts";

export const examples: Examples = [
  ["reyns images", "what the instances run, and what was built here"],
  ["reyns images json", "for a script"],
  ["reyns clean all images=true", "removes those that were built here, with the instances"],
];

export const command = defineCommand({
  meta: {
    name: "images",
    description:
      "Lists the project's images: those that its instances run, and those that were built in this folder.",
  },
  args: { json: args.json },
  run: async ({ args: { json } }) => {
    const { engine, place, instances } = await listInstances();
    const images = await withEngineNotice(observeProjectImages(engine, place.origin, instances));
    if (json) return printJson(images.map(toJson));
    if (images.length === 0) return log.info("no images: nothing is built, and nothing runs");
    print(
      formatImages(images.map((image) => ({ ...image, note: image.isBuilt ? "built here" : "" }))),
    );
  },
});

function toJson({ name, id, size, createdAt, services, isBuilt }: ProjectImage): object {
  const [, repository = name, tag = null] = /^(.*):([^/:]+)$/.exec(name) ?? [];
  const created = new Date(createdAt * 1000).toISOString();
  return { services, repository, tag, id, size, createdAt: created, builtHere: isBuilt };
}
