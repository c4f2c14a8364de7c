import type { GraphEdge, GraphNode, ProjectGraph } from "../../plan/project-graph.ts";
import { sanitizeLine } from "../output/sanitize.ts";
import { paint } from "../output/style.ts";
import { symbols } from "../output/symbols.ts";
import { truncate } from "../output/width.ts";
import { imageAndPorts, legendEntries, linkLabel, graphTitle, networksText } from "./labels.ts";

const out = "stdout";

/**
 * The graph as text: the instances in the order of their start, and below each the instances that it waits for.
 *
 * @param width of a line at most, in characters
 */
export function renderText(graph: ProjectGraph, width: number): string {
  const widest = Math.max(...graph.nodes.map((node) => headOf(node).length));
  const cut = (line: string): string => truncate(sanitizeLine(line), width);
  const steps = graph.sequential ? [graph.nodes] : byLayer(graph.nodes);
  const lines = steps.flatMap((nodes, index) => [
    paint("dim", stepTitle(graph, index), out),
    ...nodes.flatMap((node, place) => {
      const isLast = place === nodes.length - 1;
      const { tee, end, pipe } = symbols();
      const [first, rest] = isLast ? [end, "  "] : [tee, `${pipe} `];
      const head = `${headOf(node).padEnd(widest)}  ${imageAndPorts(node)}`.trimEnd();
      return [
        headLine(cut(`${first} ${head}`), node, first),
        ...details(graph, node).map((line) => paint("dim", cut(`${rest}  ${line}`), out)),
      ];
    }),
  ]);
  return [paint("bold", cut(graphTitle(graph)), out), "", ...lines, ...legend(graph)].join("\n");
}

function headOf({ host, group, place }: GraphNode): string {
  const order = place === undefined ? "" : `${place}. `;
  return `${order}${host}${group === undefined ? "" : ` [${group}]`}`;
}

/** The name in bold, its group in a colour of its own. */
function headLine(line: string, { host, group }: GraphNode, first: string): string {
  const start = line.indexOf(host, first.length);
  if (start < 0) return line;
  const rest = line.slice(start + host.length);
  const label = group === undefined ? "" : ` [${group}]`;
  const image = rest.startsWith(label) ? rest.slice(label.length) : rest;
  const marked = rest.startsWith(label) ? paint("cyan", label, out) : "";
  return `${line.slice(0, start)}${paint("bold", host, out)}${marked}${paint("dim", image, out)}`;
}

function byLayer(nodes: readonly GraphNode[]): GraphNode[][] {
  const layers = Map.groupBy(nodes, ({ layer }) => layer);
  return [...layers.keys()].toSorted((a, b) => a - b).map((key) => layers.get(key) ?? []);
}

function stepTitle({ sequential }: ProjectGraph, index: number): string {
  if (sequential) return "one after another";
  return index === 0 ? "at once" : "then";
}

function details({ edges }: ProjectGraph, node: GraphNode): string[] {
  const { host, missing, autorun } = node;
  const outgoing = edges.filter(({ from }) => from === host);
  const { arrows } = symbols();
  const waits = (["link", "after", "dns"] as const).flatMap((kind) => {
    const targets = outgoing.filter((edge) => edge.kind === kind).map(targetText);
    return targets.length === 0 ? [] : [`${arrows[kind]} ${targets.join(", ")}`];
  });
  return [
    ...(waits.length === 0 ? [] : [waits.join("   ")]),
    ...[networksText(node) ?? []].flat(),
    ...(missing.length === 0 ? [] : [`needs ${missing.join(", ")}`]),
    ...(autorun ? [] : ["runs only when it is named"]),
  ];
}

function targetText(edge: GraphEdge): string {
  const name = linkLabel(edge);
  return name === undefined ? edge.to : `${edge.to} as ${name}`;
}

function legend(graph: ProjectGraph): string[] {
  const { arrows } = symbols();
  const parts = legendEntries(graph).map(({ kind, words }) => `${arrows[kind]} ${words}`);
  return parts.length === 0 ? [] : ["", paint("dim", parts.join("   "), out)];
}
