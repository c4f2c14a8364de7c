import { addressOf, type ProjectNode } from "../../model/nodes.ts";
import type { InstanceDefinition, Project, Target } from "../../model/project.ts";
import { nothingObserved } from "../../model/observed.ts";
import { isDnsImage } from "../resolve/images.ts";
import { variableOf } from "../resolve/links.ts";
import { pointsTo } from "../select/match.ts";

/**
 * What the definition says of the addresses of machines, for the instances of one node: its own, that of the DNS, and
 * those of the nodes that links lead to.
 */
export function valuesOnNode(
  project: Project,
  node: ProjectNode,
  nodes: readonly ProjectNode[],
): Record<string, string> {
  const { instances } = project.conf;
  const addressOfGroup = (group: string | undefined): string | undefined => {
    const found = nodes.find(({ name }) => name === group);
    return found && addressOf(found);
  };
  const own = instances.filter(({ group }) => group === node.name);
  const dns = instances.find((one) => isDns(project, one));
  const linked = own.flatMap(({ links }) =>
    links.flatMap(({ name, target }) => {
      if (own.some((one) => isTarget(target, one))) return [];
      const elsewhere = instances.find((one) => isTarget(target, one));
      const address = addressOfGroup(elsewhere?.group);
      return address === undefined ? [] : [[variableOf(name), address] as const];
    }),
  );
  return withoutMissing({
    ...Object.fromEntries(linked),
    SERVICE_IP: addressOf(node),
    DNS_SERVICE_IP: dns?.group === node.name ? undefined : addressOfGroup(dns?.group),
  });
}

export function isTarget(target: Target, { service, instance }: InstanceDefinition): boolean {
  return pointsTo(target, service, instance ?? "");
}

export function isDns(project: Project, { service, image }: InstanceDefinition): boolean {
  const own = image ?? project.services.get(service)?.image ?? service;
  return isDnsImage(project, own, nothingObserved);
}

function withoutMissing(
  values: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
