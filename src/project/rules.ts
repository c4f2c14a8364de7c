import { ReynsError } from "../errors.ts";
import { acceptedHint } from "../suggest.ts";
import { hostNameOf } from "./names.ts";
import type { Conf, InstanceDefinition, ServiceFolder } from "./types.ts";

type Rule = (conf: Conf, services: ReadonlyMap<string, ServiceFolder>) => ReynsError[];

const rules: readonly Rule[] = [everyServiceExists, instancesAreUnique];

/** Checks across the instances of a conf; every mistake is returned, none thrown. */
export function checkInstances(
  conf: Conf,
  services: ReadonlyMap<string, ServiceFolder>,
): ReynsError[] {
  return rules.flatMap((rule) => rule(conf, services));
}

function everyServiceExists(
  conf: Conf,
  services: ReadonlyMap<string, ServiceFolder>,
): ReynsError[] {
  return conf.instances
    .filter(({ service, image }) => image === undefined && !services.has(service))
    .map(
      ({ service, at }) =>
        new ReynsError(
          "INVALID_PROJECT",
          `no service "${service}": there is no services/${service}/Dockerfile`,
          {
            hint: `${acceptedHint(service, services.keys())}; or give a ready image`,
            at,
          },
        ),
    );
}

function instancesAreUnique(conf: Conf): ReynsError[] {
  const seen = new Map<string, InstanceDefinition>();
  return conf.instances.flatMap((definition) => {
    if (definition.instance === undefined) return [];
    const host = hostNameOf(definition.service, definition.instance);
    const first = seen.get(host);
    seen.set(host, first ?? definition);
    if (!first) return [];
    const where = first.at.line === undefined ? "" : ` in line ${first.at.line}`;
    return [
      new ReynsError("INVALID_PROJECT", `"${host}" is defined twice, first${where}`, {
        hint: "give this one another instance name",
        at: definition.at,
      }),
    ];
  });
}
