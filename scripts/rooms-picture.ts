// Draws docs/rooms.svg, the rooms of src/ and their imports: bun scripts/rooms-picture.ts
import { type EdgeLabel, Graph, type GraphLabel, layout, type NodeLabel } from "@dagrejs/dagre";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readImports, table, type Import } from "./import-table.ts";

const target = join(dirname(import.meta.dir), "docs", "rooms.svg");

/** What stands in each room, below its name. */
const captions: Readonly<Record<string, string>> = {
  cli: "commands, arguments, help",
  ui: "everything a person looks at",
  project: "finds and reads definitions",
  api: 'what "reyns" exports',
  plan: "decides, without side effects",
  runtime: "carries plans out",
  docker: "the Engine's API",
  dns: "messages, TSIG, registration",
  install: "download, upgrade, uninstall",
  model: "shared types and names",
  lib: "general helpers",
};

const box = { width: 200, height: 50 };
const margin = 16;

/** Every room may import these: their arrows would only hide the others. */
const foundations = new Set(["model", "lib"]);

function layoutRooms(arrows: readonly [string, string][]) {
  const graph: InstanceType<typeof Graph<GraphLabel, NodeLabel, EdgeLabel>> = new Graph();
  graph.setGraph({ rankdir: "TB", ranksep: 44, nodesep: 24 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const room of Object.keys(table))
    if (!foundations.has(room)) graph.setNode(room, { ...box });
  for (const [from, to] of arrows) graph.setEdge(from, to);
  layout(graph);
  return graph;
}

function arrowsIn(imports: readonly Import[]): [string, string][] {
  const pairs = imports
    .filter(({ from, to }) => to !== undefined && from in table && to in table && from !== to)
    .filter(({ to }) => !foundations.has(to ?? ""))
    .map(({ from, to }) => `${from} ${to}`);
  return [...new Set(pairs)].toSorted().map((pair) => pair.split(" ") as [string, string]);
}

function roomBox(name: string, x: number, y: number, width: number): string {
  const left = x - width / 2;
  const top = y - box.height / 2;
  return [
    `<rect x="${left}" y="${top}" width="${width}" height="${box.height}" rx="6"/>`,
    `<text class="name" x="${x}" y="${y - 4}">${name}/</text>`,
    `<text class="small" x="${x}" y="${y + 14}">${captions[name]?.replaceAll('"', "&quot;") ?? ""}</text>`,
  ].join("\n");
}

const style = `
text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;text-anchor:middle}
.name{font-size:14px;font-weight:600;fill:#1f2328}
.small{font-size:10.5px;fill:#59636e}
rect{fill:#ffffff;stroke:#8c959f;stroke-width:1.2}
path{fill:none;stroke:#0969da;stroke-width:1.5}
marker path{fill:#0969da;stroke:none}
@media (prefers-color-scheme:dark){
.name{fill:#e6edf3}.small{fill:#9198a1}rect{fill:#161b22;stroke:#656c76}
path{stroke:#4493f8}marker path{fill:#4493f8}
}`;

/** The picture as SVG: an arrow leads from a room to one that it imports. */
export function roomsPicture(imports: readonly Import[]): string {
  const graph = layoutRooms(arrowsIn(imports));
  const { width = 0, height = 0 } = graph.graph();
  const boxes = graph.nodes().map((name) => {
    const { x = 0, y = 0 } = graph.node(name);
    return roomBox(name, x, y, box.width);
  });
  const paths = graph.edges().map((edge) => {
    const points = graph.edge(edge)["points"] as readonly { x: number; y: number }[];
    const line = points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" L");
    return `<path d="M${line}" marker-end="url(#head)"/>`;
  });
  const below = [...foundations].map((name, index) =>
    roomBox(name, width / 2, height + 60 + index * (box.height + 12), width),
  );
  const bottom = height + 60 + foundations.size * (box.height + 12);
  const view = [-margin, -margin, width + 2 * margin, bottom + margin];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${view.join(" ")}" width="${view[2]}" height="${view[3]}" role="img" aria-labelledby="title">`,
    `<title id="title">The rooms of src/ and their imports; every room may import model/ and lib/</title>`,
    `<style>${style}\n</style>`,
    `<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0,0 L8,4 L0,8 z"/></marker></defs>`,
    ...paths,
    ...boxes,
    ...below,
    "</svg>",
    "",
  ].join("\n");
}

if (import.meta.main) await writeFile(target, roomsPicture(await readImports()));
