import type { GraphEdge, GraphNode, ProjectGraph } from "../../plan/project-graph.ts";
import { imageAndPorts, linkLabel, networksText } from "./labels.ts";

/**
 * The graph in the language of Mermaid, which GitHub and others draw.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function renderMermaid({ nodes, edges }: ProjectGraph): string {
  const ids = new Map(nodes.map(({ host }, index) => [host, `n${index}`]));
  const idOf = (host: string): string => ids.get(host) ?? host;
  const groups = [...Map.groupBy(nodes, ({ group }) => group)];
  const boxes = groups.flatMap(([group, members], index) => {
    const inside = members.map((node) => `${idOf(node.host)}["${label(node)}"]`);
    if (group === undefined) return inside;
    return [`subgraph g${index}["${escaped(group)}"]`, ...inside.map((line) => `  ${line}`), "end"];
  });
  const arrows = edges.map((edge) => `${idOf(edge.from)} ${arrow(edge)} ${idOf(edge.to)}`);
  return ["flowchart RL", ...[...boxes, ...arrows].map((line) => `  ${line}`)].join("\n");
}

function label(node: GraphNode): string {
  return [
    node.host,
    imageAndPorts(node),
    networksText(node) ?? [],
    ...node.missing.map((name) => `needs ${name}`),
  ]
    .flat()
    .map(escaped)
    .join("<br>");
}

function arrow(edge: GraphEdge): string {
  const name = linkLabel(edge);
  if (edge.kind === "link") return name === undefined ? "-->" : `-->|"${escaped(name)}"|`;
  return edge.kind === "after" ? '-.->|"after"|' : '-.->|"registers"|';
}

/** Mermaid has no backslashes: special characters are entities, and a statement ends with its line. */
function escaped(text: string): string {
  return text.replace(/\p{Cc}/gu, " ").replace(/["#<>&|`]/g, (mark) => `#${mark.charCodeAt(0)};`);
}
