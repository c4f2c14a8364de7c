import { hostNameOf } from "../../model/host-names.ts";
import type { InstanceDefinition, Target } from "../../model/project.ts";

/** Whether a link of a conf may lead to an instance. */
export function pointsAt(
  target: Target,
  { service, instance = "" }: Pick<InstanceDefinition, "service" | "instance">,
): boolean {
  if ("host" in target) return matches(target.host, hostNameOf(service, instance));
  const { service: wanted, instance: name } = target;
  return matches(wanted, service) && (name === null || matches(name, instance));
}

function matches(pattern: string, name: string): boolean {
  return new Bun.Glob(pattern).match(name);
}

/**
 * A link of a conf may lead to a service of another project, whose address comes from a variable. In a `reyns.ts`, only a
 * pattern may lead to what the project does not define.
 *
 * @param known the services of the project
 */
export function withPatterns(
  instance: InstanceDefinition,
  known: ReadonlySet<string>,
): InstanceDefinition {
  const links = instance.links.map((link) => ({
    ...link,
    target: knownOrPattern(link.target, known),
  }));
  return { ...instance, links };
}

function knownOrPattern(target: Target, known: ReadonlySet<string>): Target {
  if ("host" in target) {
    const { host } = target;
    const isKnown = [...known].some((service) => host.startsWith(`${service}-`));
    return isKnown || host.includes("*") ? target : { host: `${host}*` };
  }
  const { service, instance } = target;
  if (known.has(service) || service.includes("*")) return target;
  return { host: instance === null ? `${service}-*` : `${hostNameOf(service, instance)}*` };
}
