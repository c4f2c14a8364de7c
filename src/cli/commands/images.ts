import { defineCommand } from "citty";
import type { ObservedInstance } from "../../model/observed.ts";
import type { Engine } from "../../runtime/connect.ts";
import { observeProjectImages, type ProjectImage } from "../../runtime/observe/project-images.ts";
import { log } from "../../ui/output/log.ts";
import { print, printJson, printLines } from "../../ui/output/print.ts";
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
  args: {
    json: args.json,
    quiet: { ...args.quiet, description: "Print the ids of images only" },
  },
  run: async ({ args: { json, quiet } }) => {
    const { engine, place, instances } = await listInstances();
    const images = await withEngineNotice(observeAll(engine, place.origin, instances));
    if (json) return printJson(images.map(toJson));
    if (quiet) return printLines(images.map(({ id }) => id.replace(/^sha256:/, "")));
    if (images.length === 0) return log.info("no images: nothing is built, and nothing runs");
    print(
      formatImages(images.map((image) => ({ ...image, note: image.isBuilt ? "built here" : "" }))),
    );
  },
});

interface ListedImage extends ProjectImage {
  readonly node?: string;
}

/** Those of all nodes, where there are several. */
async function observeAll(
  engine: Engine,
  origin: string,
  instances: readonly ObservedInstance[],
): Promise<ListedImage[]> {
  if (!engine.fleet) return observeProjectImages(engine, origin, instances);
  const all = await Promise.all(
    engine.fleet.members.map(async ({ name: node, engine: own }) => {
      const there = instances.filter((instance) => instance.node === node);
      const images = await observeProjectImages(own, origin, there);
      return images.map((image) => ({ ...image, node }));
    }),
  );
  return all.flat();
}

function toJson({ name, node, id, size, createdAt, services, isBuilt }: ListedImage): object {
  const [, repository = name, tag = null] = /^(.*):([^/:]+)$/.exec(name) ?? [];
  const created = new Date(createdAt * 1000).toISOString();
  const place = node === undefined ? {} : { node };
  return { services, repository, tag, ...place, id, size, createdAt: created, builtHere: isBuilt };
}
