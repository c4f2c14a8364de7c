import type { GraphEdge, GraphNode, ProjectGraph } from "../../plan/project-graph.ts";
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

/** "80/tcp", or "8080->80/tcp" where the host's port is another one. */
export function formatPort({ container, host, protocol }: PortDefinition): string {
  const port = `${container}/${protocol}`;
  return host === container ? port : `${host}->${port}`;
}

/** The name of a link, where it is not its target's own. */
export function linkLabel({ name, to }: GraphEdge): string | undefined {
  return name === undefined || to === name || to.startsWith(`${name}-`) ? undefined : name;
}

/** What the arrows mean. */
const meanings = { link: "links to", after: "comes after", dns: "registers with" } as const;

/** The kinds of arrows that a graph has, and what they mean. */
export function legendEntries({
  edges,
}: ProjectGraph): { kind: GraphEdge["kind"]; words: string }[] {
  const all = (["link", "after", "dns"] as const).map((kind) => ({ kind, words: meanings[kind] }));
  return all.filter(({ kind }) => edges.some((edge) => edge.kind === kind));
}

/** For those who cannot see it: who waits for whom. */
export function describeGraph(graph: ProjectGraph): string {
  const sentences = graph.nodes.map(({ host }) => {
    const targets = graph.edges.filter(({ from }) => from === host).map(({ to }) => to);
    return targets.length === 0
      ? `${host} waits for nothing.`
      : `${host} waits for ${targets.join(", ")}.`;
  });
  return sentences.join(" ");
}
