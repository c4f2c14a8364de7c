import type { GraphEdge, GraphNode, ProjectGraph } from "../../plan/project-graph.ts";
import { type Area, layoutGraph, type Point } from "./layout.ts";
import { hues, svgStyle } from "./svg-style.ts";
import {
  describeGraph,
  legendEntries,
  linkLabel,
  formatPort,
  graphTitle,
  networksText,
} from "./labels.ts";

/** Width of a character of the two sizes of type, and the space around; pixels. */
const type = { name: 8.5, small: 7.3, line: 17, padding: 12 } as const;
const margin = 24;
const titleHeight = 40;
const legendHeight = 40;
const legendStep = 175;

/** The graph as a picture: what starts first is on the left, each group in an area, light or dark as the reader prefers. */
export function renderSvg(graph: ProjectGraph): string {
  const boxes = graph.nodes.map((node) => ({ node, lines: boxLines(node) }));
  const layout = layoutGraph(
    boxes.map(({ node, lines }) => ({ ...node, id: node.host, ...sizeOf(node, lines) })),
    graph.edges,
  );
  const { bounds, groups, paths } = layout;
  const width = Math.ceil(
    Math.max(bounds.width, widthOfText(graphTitle(graph)), 4 * legendStep) + 2 * margin,
  );
  const height = Math.ceil(bounds.height + titleHeight + legendHeight + margin);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(graphTitle(graph))}</title>`,
    `<desc id="desc">${escaped(describeGraph(graph))}</desc>`,
    `<style>${svgStyle}</style>`,
    `<defs>${(["link", "after", "dns"] as const).map(renderMarker).join("")}</defs>`,
    `<text class="heading" x="${margin}" y="28">${escaped(graphTitle(graph))}</text>`,
    `<g transform="translate(${margin - bounds.x} ${titleHeight - bounds.y})">`,
    ...groups.map(renderGroup),
    ...renderEdges(graph.edges, paths),
    ...boxes.map(({ node, lines }) => renderBox(node, lines, layout.boxes.get(node.host))),
    "</g>",
    renderLegend(graph, height - 16),
    "</svg>",
  ]
    .filter(Boolean)
    .join("\n");
}

interface BoxLine {
  readonly text: string;
  readonly kind: "small" | "needs";
}

function boxLines(node: GraphNode): BoxLine[] {
  const { image, ports, missing, autorun } = node;
  const networks = networksText(node);
  return [
    { text: image, kind: "small" as const },
    ...(ports.length > 0
      ? [{ text: ports.map(formatPort).join(" "), kind: "small" as const }]
      : []),
    ...(networks === undefined ? [] : [{ text: networks, kind: "small" as const }]),
    ...missing.map((name) => ({ text: `needs ${name}`, kind: "needs" as const })),
    ...(autorun ? [] : [{ text: "only when it is named", kind: "small" as const }]),
  ];
}

function boxHeading({ host, place }: GraphNode): string {
  return place === undefined ? host : `${place}. ${host}`;
}

function sizeOf(node: GraphNode, lines: readonly BoxLine[]): { width: number; height: number } {
  const widest = Math.max(
    boxHeading(node).length * type.name,
    ...lines.map(({ text }) => text.length * type.small),
  );
  return {
    width: Math.ceil(widest + 2 * type.padding),
    height: (lines.length + 1) * type.line + 2 * type.padding - 4,
  };
}

function widthOfText(text: string): number {
  return text.length * type.name;
}

function renderBox(node: GraphNode, lines: readonly BoxLine[], area: Area | undefined): string {
  if (!area) return "";
  const { x, y, width, height } = area;
  const left = x + type.padding;
  const texts = lines.map(
    ({ text, kind }, index) =>
      `<text class="${kind}" x="${left}" y="${y + type.padding + 10 + (index + 1) * type.line}">${escaped(text)}</text>`,
  );
  const quiet = node.autorun ? "" : " quiet";
  return [
    `<g class="box${quiet}"><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>`,
    `<text class="name" x="${left}" y="${y + type.padding + 10}">${escaped(boxHeading(node))}</text>`,
    ...texts,
    "</g>",
  ].join("");
}

function renderGroup(
  { x, y, width, height, name }: Area & { readonly name: string },
  index: number,
): string {
  return (
    `<g class="group c${index % hues.length}"><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="12"/>` +
    `<text x="${x + 14}" y="${y + 17}">${escaped(name)}</text></g>`
  );
}

type EdgePath = readonly Point[];

function renderEdges(edges: readonly GraphEdge[], paths: readonly EdgePath[]): string[] {
  return [
    ...edges.map(({ kind }, index) => renderPath(kind, paths[index] ?? [])),
    ...edges.map((edge, index) => renderEdgeLabel(edge, paths[index] ?? [])),
  ];
}

/** Curves that are horizontal at every point. */
function renderPath(kind: GraphEdge["kind"], [start, ...rest]: EdgePath): string {
  if (!start) return "";
  const curves = rest.map(({ x, y }, index) => {
    const from = rest[index - 1] ?? start;
    const middle = (from.x + x) / 2;
    return `C${middle} ${from.y} ${middle} ${y} ${x} ${y}`;
  });
  return `<path class="edge ${kind}" marker-end="url(#${kind})" d="M${start.x} ${start.y}${curves.join("")}"/>`;
}

function renderEdgeLabel(edge: GraphEdge, [start]: EdgePath): string {
  const name = linkLabel(edge);
  if (name === undefined || !start) return "";
  return `<text class="label" text-anchor="end" x="${start.x - 10}" y="${start.y - 4}">${escaped(name)}</text>`;
}

function renderMarker(kind: GraphEdge["kind"]): string {
  return `<marker id="${kind}" class="head ${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z"/></marker>`;
}

function renderLegend(graph: ProjectGraph, y: number): string {
  const used = legendEntries(graph);
  const parts = used.map(({ kind, words }, index) => {
    const x = margin + index * legendStep;
    return `<path class="edge ${kind}" marker-end="url(#${kind})" d="M${x} ${y - 4}H${x + 28}"/><text class="small" x="${x + 36}" y="${y}">${words}</text>`;
  });
  const note = graph.sequential ? "one after another, by number" : "";
  return `${parts.join("")}<text class="small" x="${margin + used.length * legendStep}" y="${y}">${note}</text>`;
}

/** XML has no control characters, not even escaped. */
function escaped(text: string): string {
  return text.replace(/\p{Cc}/gu, " ").replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
