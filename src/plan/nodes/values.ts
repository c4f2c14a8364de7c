import { addressOf, type ProjectNode } from "../../model/nodes.ts";
import type { InstanceDefinition, Project, Target } from "../../model/project.ts";
import { hostNameOf, linkVariable } from "../../model/host-names.ts";
import { definesDns } from "../resolve/elsewhere.ts";
import { pointsTo } from "../select/match.ts";

/**
 * What the definition says of the addresses of machines, for the instances of one node: its own, that of the DNS, and
 * those of the nodes that links lead to. In a network that spans the nodes these are the instances' own.
 *
 * @param settled host name -> address in such a network
 */
export function valuesOnNode(
  project: Project,
  node: ProjectNode,
  nodes: readonly ProjectNode[],
  settled?: ReadonlyMap<string, string>,
): Record<string, string> {
  const { instances } = project.conf;
  const addressFor = (instance: InstanceDefinition | undefined): string | undefined => {
    if (settled) return instance && settled.get(definedHost(instance));
    const found = nodes.find(({ name }) => name === instance?.group);
    return found && addressOf(found);
  };
  const own = instances.filter(({ group }) => group === node.name);
  const dns = instances.find((one) => definesDns(one, project));
  const linked = own.flatMap(({ links }) =>
    links.flatMap(({ name, target }) => {
      if (own.some((one) => isTarget(target, one))) return [];
      const elsewhere = instances.find((one) => isTarget(target, one));
      const address = addressFor(elsewhere);
      return address === undefined ? [] : [[linkVariable(name), address] as const];
    }),
  );
  return withoutMissing({
    ...Object.fromEntries(linked),
    [settled ? "PUBLISH_ON_IP" : "SERVICE_IP"]: addressOf(node),
    DNS_SERVICE_IP: dns?.group === node.name ? undefined : addressFor(dns),
  });
}

/** Of one without a name, its service's. */
export function definedHost({ service, instance = "" }: InstanceDefinition): string {
  return instance === "" ? service : hostNameOf(service, instance);
}

export function isTarget(target: Target, { service, instance }: InstanceDefinition): boolean {
  return pointsTo(target, service, instance ?? "");
}

function withoutMissing(
  values: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
