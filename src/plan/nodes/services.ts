import { inside, ReynsError } from "../../errors.ts";
import { hostNameOf } from "../../model/host-names.ts";
import type { Observed, ObservedInstance } from "../../model/observed.ts";
import type { Conf, InstanceDefinition, Project } from "../../model/project.ts";
import { isTarget } from "./values.ts";

/** The swarm that the nodes of a call are in. */
export interface ServiceNodes {
  /** The node through which services are made and changed: a manager. Undefined where none answers. */
  readonly manager: string | undefined;
  /** Node -> its id in the swarm. */
  readonly ids: ReadonlyMap<string, string>;
}

/** How a definition names the only machine of a service. */
const hostnameIs = "node.hostname==";

/**
 * The project with its services of Docker Swarm as the manager's: they are planned once, there. One that is in the group of
 * a node, or placed on one by its name, has its tasks on that machine.
 */
export function settleServices(
  project: Project,
  nodes: ServiceNodes,
): { readonly project: Project; readonly errors: readonly ReynsError[] } {
  const settled = project.conf.instances.map((definition) =>
    settle(definition, project.conf, nodes),
  );
  const instances = settled.map(({ definition }) => definition);
  return {
    project: { ...project, conf: { ...project.conf, instances } },
    errors: [...settled.flatMap(({ errors }) => errors), ...linkErrors(project.conf.instances)],
  };
}

/** The group of services that no machine of a call plans: no node has such a name. */
const noGroup = "";

/** The project with its services still defined, but as no node's: a call without a manager leaves them as they are. */
export function leaveServices(project: Project): Project {
  const instances = project.conf.instances.map((definition) =>
    definition.swarm ? { ...definition, group: noGroup } : definition,
  );
  return { ...project, conf: { ...project.conf, instances } };
}

/** A link leads to one address. */
function linkErrors(instances: readonly InstanceDefinition[]): ReynsError[] {
  const services = instances.filter(({ swarm }) => swarm !== undefined);
  return instances.flatMap(({ service, instance = "", links, at }) =>
    links.flatMap(({ target }, index) => {
      const linked = services.find((one) => isTarget(target, one));
      if (!linked) return [];
      const to = hostNameOf(linked.service, linked.instance ?? "");
      const message = `${hostNameOf(service, instance)} links to ${to}, whose tasks have addresses of Swarm's choice`;
      const hint = `to start after ${to} only, use after: its names resolve anyway`;
      return new ReynsError("INVALID_PROJECT", message, { hint, at: inside(at, "links", index) });
    }),
  );
}

interface Settled {
  readonly definition: InstanceDefinition;
  readonly errors: readonly ReynsError[];
}

function settle(
  definition: InstanceDefinition,
  { nodes = {} }: Conf,
  { manager, ids }: ServiceNodes,
): Settled {
  const { swarm, group } = definition;
  if (!swarm) return { definition, errors: [] };
  const errors: ReynsError[] = [];
  const constraintFor = (node: string): string => {
    const id = ids.get(node);
    if (id === undefined) errors.push(notInSwarm(node, definition));
    return `node.id==${id}`;
  };
  const { placement } = swarm;
  const constraints = [
    ...(group === undefined ? [] : [constraintFor(group)]),
    ...placement.constraints.map((text) => {
      const name = text.startsWith(hostnameIs) ? text.slice(hostnameIs.length) : "";
      return Object.hasOwn(nodes, name) ? constraintFor(name) : text;
    }),
  ];
  return {
    definition: {
      ...definition,
      group: manager,
      swarm: { ...swarm, placement: { ...placement, constraints } },
    },
    errors,
  };
}

function notInSwarm(node: string, { service, instance = "", at }: InstanceDefinition): ReynsError {
  const host = hostNameOf(service, instance);
  const message = `${host}: its tasks are to run on ${node}, which is not in the swarm of the other machines`;
  const hint = "put it there: reyns nodes join";
  return new ReynsError("INVALID_PROJECT", message, { hint, at: inside(at, "swarm") });
}

/** What one node shows. */
export interface ServicesPart {
  readonly node: string;
  readonly observed: Observed;
}

/**
 * Gives each service to the node that plans it, and each instance that changes from a container into a service, or back, to
 * the one that plans what it becomes. All nodes list the same services.
 *
 * @param project with its services as the manager's
 */
export function assignServices(
  parts: readonly ServicesPart[],
  { conf }: Pick<Project, "conf">,
): Observed[] {
  const here = new Set(parts.map(({ node }) => node));
  const [first] = parts;
  const definitions = new Map(
    conf.instances.map((one) => [hostNameOf(one.service, one.instance ?? ""), one]),
  );
  const nodeOf = ({ host, swarm }: ObservedInstance, listedBy: string): string => {
    const definition = definitions.get(host);
    if (!swarm && !definition?.swarm) return listedBy;
    const { group = "" } = definition ?? {};
    if (here.has(group)) return group;
    return swarm ? (first?.node ?? listedBy) : listedBy;
  };
  const all = parts.flatMap(({ node, observed: { instances } }) =>
    instances.map((instance) => ({ instance, node: nodeOf(instance, node) })),
  );
  return parts.map(({ node, observed }) => ({
    ...observed,
    instances: uniqueServices(all.filter((one) => one.node === node).map((one) => one.instance)),
  }));
}

/** A service that several nodes list, once: as the one does that still has a container of its. */
function uniqueServices(instances: readonly ObservedInstance[]): ObservedInstance[] {
  const services = new Map<string, ObservedInstance>();
  for (const instance of instances) {
    const known = services.get(instance.host);
    if (instance.swarm && known?.predecessor === undefined) services.set(instance.host, instance);
  }
  const isLeft = ({ host, swarm }: ObservedInstance): boolean => !swarm && !services.has(host);
  return [...instances.filter(isLeft), ...services.values()];
}
