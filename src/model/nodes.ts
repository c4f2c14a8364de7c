import type { Place } from "../errors.ts";
import type { Environment } from "../lib/environment.ts";

/** A machine of a project: the group of its name runs on its Engine. */
export interface NodeDefinition {
  /** `ssh://…`, `tcp://…`, `https://…`, `unix://…`, `context:NAME`, or `local`. */
  readonly endpoint: string;
  /** IPv4 address by which the other machines reach it. */
  readonly address?: string | undefined;
  /** Folder with `ca.pem`, `cert.pem` and `key.pem`. */
  readonly certificates?: string | undefined;
  readonly at: Place;
}

/** A node under its name. */
export interface ProjectNode extends NodeDefinition {
  readonly name: string;
}

export const endpointForm =
  '"ssh://[USER@]HOST[:PORT]", "tcp://HOST:PORT", "unix:///PATH", "context:NAME", or "local"';

const contextScheme = "context:";

/** Whether a text has the form of a node's endpoint; connecting shows the rest. */
export function isEndpoint(text: string): boolean {
  if (text === "local") return true;
  if (text.startsWith(contextScheme)) return text.length > contextScheme.length;
  if (text.startsWith("unix:///")) return true;
  const url = URL.parse(text);
  return url !== null && /^(?:ssh|tcp|https):$/.test(url.protocol) && url.hostname !== "";
}

/** The variables that select an Engine. */
export const selectingVariables = [
  "DOCKER_HOST",
  "DOCKER_CONTEXT",
  "DOCKER_TLS_VERIFY",
  "DOCKER_CERT_PATH",
];

/** The variables that select the Engine of a node, in place of the caller's. */
export function nodeEnvironment(
  { endpoint, certificates }: NodeDefinition,
  caller: Environment,
): Environment {
  const rest = { ...caller, DOCKER_HOST: undefined, DOCKER_CONTEXT: undefined };
  if (endpoint === "local") return { ...rest, DOCKER_CONTEXT: "default" };
  if (endpoint.startsWith(contextScheme))
    return { ...rest, DOCKER_CONTEXT: endpoint.slice(contextScheme.length) };
  const tls = certificates && { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: certificates };
  return { ...rest, DOCKER_HOST: endpoint, ...tls };
}

/** The address by which other machines reach a node: the one given, else that of its endpoint. */
export function addressOf({ address, endpoint }: NodeDefinition): string | undefined {
  if (address !== undefined) return address;
  const host = URL.parse(endpoint)?.hostname ?? "";
  return /^\d+(?:\.\d+){3}$/.test(host) ? host : undefined;
}

interface SpreadConf {
  readonly nodes?: Readonly<Record<string, NodeDefinition>> | undefined;
  readonly instances: readonly {
    readonly group: string | undefined;
    readonly swarm?: object | undefined;
  }[];
}

/**
 * The nodes of a conf. A conf in which no instance is in a node's group has none: it runs on the caller's Engine. Swarm
 * chooses among the nodes for a conf that has services in no group, and nothing else.
 */
export function nodesOf({ nodes = {}, instances }: SpreadConf): ProjectNode[] {
  const groups = new Set(instances.map(({ group }) => group));
  const isSwarm = instances.length > 0 && instances.every(({ swarm }) => swarm !== undefined);
  const isSpread = isSwarm || Object.keys(nodes).some((name) => groups.has(name));
  return isSpread ? Object.entries(nodes).map(([name, node]) => ({ name, ...node })) : [];
}
