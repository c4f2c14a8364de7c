import { inside, ReynsError } from "../../errors.ts";
import type { Conf, InstanceDefinition, ServiceFolder } from "../../model/project.ts";

/** Gives each instance that uses another service's image the name of that image; returns all mistakes. */
export function resolveImageHandles(
  conf: Conf,
  services: ReadonlyMap<string, ServiceFolder>,
): { readonly conf: Conf; readonly errors: readonly ReynsError[] } {
  if (conf.instances.every(({ imageOf }) => imageOf === undefined)) return { conf, errors: [] };
  const errors: ReynsError[] = [];
  const instances = conf.instances.map((definition) => {
    if (definition.imageOf === undefined) return definition;
    const image = findImage(definition.imageOf, conf, services);
    if (image === undefined) errors.push(noImageError(definition, conf));
    // A missing service folder would be reported besides.
    return { ...definition, image: image ?? "unknown" };
  });
  return { conf: { ...conf, instances }, errors };
}

/** @param seen services whose image is being looked for: one cannot use its own */
function findImage(
  name: string,
  conf: Conf,
  services: ReadonlyMap<string, ServiceFolder>,
  seen: readonly string[] = [],
): string | undefined {
  if (seen.includes(name)) return undefined;
  const definition = conf.instances.find(({ service }) => service === name);
  if (definition?.image !== undefined) return definition.image;
  if (definition?.imageOf !== undefined)
    return findImage(definition.imageOf, conf, services, [...seen, name]);
  return services.get(name)?.image;
}

function noImageError({ service, imageOf, at }: InstanceDefinition, { name }: Conf): ReynsError {
  const message = `${service} uses the image of ${imageOf}, but the conf "${name}" has no such image`;
  return new ReynsError("INVALID_PROJECT", message, {
    hint: `define ${imageOf} in this conf as well, or name an image: image: "NAME"`,
    at: inside(at, "image"),
  });
}
