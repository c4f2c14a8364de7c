import type { GraphEdge, GraphNode, ProjectGraph } from "../../plan/project-graph.ts";
import { freePort } from "../../model/ports.ts";
import type { PortDefinition } from "../../model/project.ts";

/** "shop, conf default, group node1: 3 instances" */
export function graphTitle({ project, conf, group, nodes }: ProjectGraph): string {
  const part = group === undefined ? "" : `, group ${group}`;
  const count = nodes.length === 1 ? "one instance" : `${nodes.length} instances`;
  return `${project}, conf ${conf}${part}: ${count}`;
}

/** "postgres:17  5432/tcp" */
export function imageAndPorts({ image, ports }: GraphNode): string {
  return [image, ...ports.map(formatPort)].join("  ");
}

/** "80/tcp", or "8080->80/tcp" where the host's port is another one, or "free->80/tcp". */
export function formatPort({ container, host, within = "free", protocol }: PortDefinition): string {
  const port = `${container}/${protocol}`;
  return host === container ? port : `${host === freePort ? within : host}->${port}`;
}

/** "in front, back", where an instance is not in the project's own network alone. */
export function networksText({ networks }: GraphNode): string | undefined {
  const [first = ""] = networks;
  if (networks.join() === "default") return undefined;
  if (first.startsWith("of ")) return `in the network ${first}`;
  return modeTexts[first] ?? `in ${networks.join(", ")}`;
}

const modeTexts: Readonly<Record<string, string>> = {
  host: "in the host's network",
  none: "in no network",
};

/** The name of a link, unless it is that of its target. */
export function linkLabel({ name, to }: GraphEdge): string | undefined {
  return name === undefined || to === name || to.startsWith(`${name}-`) ? undefined : name;
}

/** The meanings of the arrows. */
const meanings = { link: "links to", after: "comes after", dns: "registers with" } as const;

/** The kinds of arrows in a graph, and their meanings. */
export function legendEntries({
  edges,
}: ProjectGraph): { kind: GraphEdge["kind"]; words: string }[] {
  const entries = (["link", "after", "dns"] as const).map((kind) => ({
    kind,
    words: meanings[kind],
  }));
  return entries.filter(({ kind }) => edges.some((edge) => edge.kind === kind));
}

/** The picture as text, for readers who cannot see it. */
export function describeGraph(graph: ProjectGraph): string {
  const sentences = graph.nodes.map(({ host }) => {
    const targets = graph.edges.filter(({ from }) => from === host).map(({ to }) => to);
    return targets.length === 0
      ? `${host} waits for nothing.`
      : `${host} waits for ${targets.join(", ")}.`;
  });
  return sentences.join(" ");
}
