import { join } from "node:path";
import { checkNode, nodeKeys } from "../api/record-nodes.ts";
import { inside, invalidProject, ReynsError, ReynsErrors } from "../errors.ts";
import { isRecord } from "../lib/is-record.ts";
import { acceptedHint } from "../lib/suggest.ts";
import { addressOf, nodesOf, type NodeDefinition, type ProjectNode } from "../model/nodes.ts";
import { spansNodes } from "../model/spanning.ts";
import type { Conf } from "../model/project.ts";
import { ownNetwork } from "../model/resource-names.ts";
import { namePattern } from "../model/value-schemas.ts";
import { nodesKey } from "./host-conf.ts";
import { readJsonc } from "./jsonc.ts";
import { resolveOverlayName } from "./overlay-name.ts";
import { withSecondaries } from "./secondary-dns.ts";

type NodesByName = Readonly<Record<string, NodeDefinition>>;

/**
 * Adds the machines of `host.conf` to those of the definition, of which they take the place under the same name. Checks
 * them against each other and against the groups.
 */
export function resolveNodes(
  conf: Conf,
  folder: string,
): { conf: Conf; errors: readonly ReynsError[] } {
  const host = readHostNodes(folder);
  const named = resolveOverlayName({ ...conf, nodes: { ...conf.nodes, ...host.nodes } });
  const whole = named.conf;
  const nodes = Object.entries(whole.nodes).map(([name, node]) => ({ name, ...node }));
  return {
    conf: withSecondaries(spansNodes(whole) ? whole : withPublishedDns(whole)),
    errors: [
      ...host.errors,
      ...named.errors,
      ...sameMachineErrors(nodes),
      ...groupErrors(whole),
      ...overlayErrors(whole),
      ...receiptErrors(whole),
    ],
  };
}

/** The other machines have to reach the DNS, unless they are in its network. */
function withPublishedDns(conf: Conf): Conf {
  const used = new Set(conf.instances.map(({ group }) => group));
  if (nodesOf(conf).filter(({ name }) => used.has(name)).length < 2) return conf;
  return {
    ...conf,
    instances: conf.instances.map((instance) =>
      instance.service === "reyns-dns"
        ? { ...instance, properties: { publishPorts: true, ...instance.properties } }
        : instance,
    ),
  };
}

function readHostNodes(folder: string): { nodes: NodesByName; errors: readonly ReynsError[] } {
  const file = join(folder, "host.conf");
  try {
    const document = readJsonc(file);
    const given = isRecord(document.value) ? document.value[nodesKey] : undefined;
    if (given === undefined) return { nodes: {}, errors: [] };
    return readNodes(given, folder, (path) => document.placeOf(path));
  } catch (error) {
    if (error instanceof ReynsErrors) return { nodes: {}, errors: error.errors };
    if (error instanceof ReynsError) return { nodes: {}, errors: [error] };
    // The file is missing.
    return { nodes: {}, errors: [] };
  }
}

type PlaceOf = ReturnType<typeof readJsonc>["placeOf"];

function readNodes(
  given: unknown,
  folder: string,
  placeOf: PlaceOf,
): { nodes: NodesByName; errors: readonly ReynsError[] } {
  const hint = 'write "nodes": { "node1": "ssh://USER@HOST" }';
  const place = placeOf([nodesKey]);
  if (!isRecord(given))
    return {
      nodes: {},
      errors: [invalidProject("nodes in host.conf is not an object", hint, place)],
    };
  const errors: ReynsError[] = [];
  const nodes: Record<string, NodeDefinition> = {};
  for (const [name, value] of Object.entries(given)) {
    const at = placeOf([nodesKey, name]);
    const parts = isRecord(value) ? value : { endpoint: value };
    const read = checkNode(parts, folder, {
      placeOf: (path) => placeOf([nodesKey, name, ...path]),
      keys: nodeKeys,
    });
    errors.push(...read.errors);
    if (!namePattern.test(name))
      errors.push(
        invalidProject(
          `invalid node name "${name}"`,
          "use letters, digits, _, . and - in the name",
          at,
        ),
      );
    else if (read.node) nodes[name] = { ...read.node, at };
  }
  return { nodes, errors };
}

/** Two names for one machine would count its instances twice. */
function sameMachineErrors(nodes: readonly ProjectNode[]): ReynsError[] {
  return nodes.flatMap((node, index) => {
    const before = nodes.slice(0, index);
    const address = addressOf(node);
    const twin =
      before.find(({ endpoint }) => endpoint === node.endpoint) ??
      before.find((other) => address !== undefined && addressOf(other) === address);
    if (!twin) return [];
    const what =
      twin.endpoint === node.endpoint ? `endpoint ${node.endpoint}` : `address ${address}`;
    const message = `the nodes "${twin.name}" and "${node.name}" have the same ${what}`;
    return [invalidProject(message, "name each machine once", node.at)];
  });
}

/** In a conf that is spread over machines, each instance has one. */
function groupErrors(conf: Conf): ReynsError[] {
  const nodes = nodesOf(conf);
  if (nodes.length === 0 || conf.isIncomplete) return [];
  const names = nodes.map(({ name }) => name);
  const errors = conf.instances.flatMap(({ service, instance = "", group, swarm, at }) => {
    // Swarm chooses the machines of a service that is in no group.
    if (group === undefined ? swarm !== undefined : names.includes(group)) return [];
    const host = [service, instance].filter(Boolean).join("-");
    const hint = `put it into the group of a node: ${acceptedHint(group ?? "", names)}`;
    const why = group === undefined ? "is in no group" : `is in the group "${group}"`;
    return [invalidProject(`${host} ${why}, so on no node`, hint, inside(at, "group"))];
  });
  return [...errors, ...(spansNodes(conf) ? [] : addressErrors(conf, nodes))];
}

/** Others find an instance at its machine's address. */
function addressErrors({ instances }: Conf, nodes: readonly ProjectNode[]): ReynsError[] {
  const used = nodes.filter(({ name }) => instances.some(({ group }) => group === name));
  if (used.length < 2) return [];
  return used
    .filter((node) => addressOf(node) === undefined)
    .map(({ name, at }) =>
      invalidProject(
        `the node "${name}" has no address by which the others reach it`,
        'add its IPv4 address: { address: "10.0.0.11" }',
        at,
      ),
    );
}

/** One network can span all nodes, and nobody sees from here whether their kernels can encrypt what goes through it. */
function overlayErrors(conf: Conf): ReynsError[] {
  if (nodesOf(conf).length === 0) return [];
  const overlays = Object.entries(conf.networks ?? {}).filter(
    ([, { driver, external }]) => driver === "overlay" && !external,
  );
  return overlays.flatMap(([key, { name, ipam, driverOpts = {}, at }]) => {
    const place = at ?? { file: conf.file ?? "reyns.ts" };
    const isOwn = key === ownNetwork && name === undefined && ipam?.driver === undefined;
    if (!isOwn) {
      const hint = 'write network("overlay"): the network of all instances spans the machines';
      return [invalidProject(`${key}: no other overlay spans the machines of node()`, hint, place)];
    }
    if (!("encrypted" in driverOpts)) return [];
    const message = `the overlay cannot be encrypted: where a kernel lacks ESP, it loses every packet`;
    const hint =
      "leave out encrypted, and encrypt in your services, or the network of the machines";
    return [invalidProject(message, hint, inside(place, "driverOpts", "encrypted"))];
  });
}

/** A conf that runs by a receipt alone, and has what no receipt covers on several machines. */
function receiptErrors(conf: Conf): ReynsError[] {
  if (conf.receipt !== "required" || nodesOf(conf).length === 0) return [];
  return conf.instances.flatMap(({ service, swarm, at }) => {
    if (!swarm) return [];
    const message = `${service} is a service of Docker Swarm, which never runs in a conf that requires a receipt: on several machines, a receipt cannot hold its tasks to one image`;
    const hint = 'leave out swarm, or receipt: "required" in conf()';
    return [invalidProject(message, hint, inside(at, "swarm"))];
  });
}
