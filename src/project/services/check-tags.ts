import { inside, ReynsError } from "../../errors.ts";
import { tagsOf } from "../../model/build.ts";
import type { Conf, ServiceFolder } from "../../model/project.ts";

/** An error for each name that two different builds give to their images. */
export function checkTags(
  { instances }: Conf,
  services: ReadonlyMap<string, ServiceFolder>,
): ReynsError[] {
  const owners = new Map([...services.values()].map((service) => [service.image, service]));
  return [...services.values()].flatMap((service) =>
    tagsOf(service.build ?? {}).flatMap((tag) => {
      const name = tag.replace(/:latest$/, "");
      const owner = owners.get(name) ?? service;
      owners.set(name, owner);
      if (isBuiltAlike(owner, service)) return [];
      const definition = instances.find((instance) => instance.service === service.name);
      const path = tag === service.build?.image ? ["image"] : ["build", "tags"];
      const message = `${owner.name} and ${service.name} are both built as ${tag}`;
      return new ReynsError("INVALID_PROJECT", message, {
        hint: "give each image a name of its own",
        at: definition && inside(definition.at, ...path),
      });
    }),
  );
}

function isBuiltAlike(one: ServiceFolder, other: ServiceFolder): boolean {
  return one.folder === other.folder && Bun.deepEquals(one.build, other.build, true);
}
