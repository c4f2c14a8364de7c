import type { GraphEdge, GraphNode, ProjectGraph } from "../../plan/project-graph.ts";
import { imageAndPorts, linkLabel, graphTitle, networksText } from "./labels.ts";

/**
 * The graph in the language of Graphviz.
 *
 * @see https://graphviz.org/doc/info/lang.html
 */
export function renderDot(graph: ProjectGraph): string {
  const groups = [...Map.groupBy(graph.nodes, ({ group }) => group)];
  const boxes = groups.flatMap(([group, members], index) => {
    const inside = members.map((node) => `${quoted(node.host)} [label=${quoted(label(node))}];`);
    if (group === undefined) return inside;
    const lines = [`label=${quoted(group)}; style="rounded,filled"; color="#0969da22";`, ...inside];
    return [`subgraph cluster_${index} {`, ...lines.map((line) => `  ${line}`), "}"];
  });
  const lines = [
    "rankdir=RL;",
    'node [shape=box, style="rounded,filled", fillcolor=white, fontname=monospace];',
    "edge [fontname=monospace, fontsize=10];",
    ...boxes,
    ...graph.edges.map((edge) => `${quoted(edge.from)} -> ${quoted(edge.to)}${attributes(edge)};`),
  ];
  const body = lines.map((line) => `  ${line}`);
  return [`digraph ${quoted(graphTitle(graph))} {`, ...body, "}"].join("\n");
}

function label(node: GraphNode): string {
  const needs = node.missing.map((name) => `needs ${name}`);
  return [node.host, imageAndPorts(node), networksText(node) ?? [], ...needs].flat().join("\n");
}

function attributes(edge: GraphEdge): string {
  const name = linkLabel(edge);
  if (edge.kind === "link") return name === undefined ? "" : ` [label=${quoted(name)}]`;
  return edge.kind === "after" ? " [style=dashed]" : ' [style=dotted, color="#888888"]';
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
