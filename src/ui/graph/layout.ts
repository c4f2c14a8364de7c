import { type EdgeLabel, Graph, type GraphLabel, layout, type NodeLabel } from "@dagrejs/dagre";

/** A box to be placed; sizes are pixels. */
export interface LayoutNode {
  readonly id: string;
  /** How many columns have to be left of it at least. */
  readonly layer: number;
  /** Boxes of a group stand in an area of their own. */
  readonly group: string | undefined;
  readonly width: number;
  readonly height: number;
}

export interface LayoutEdge {
  readonly from: string;
  /** In a column further to the left. */
  readonly to: string;
  readonly kind: string;
}

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface GraphLayout {
  /** Everything is in it. */
  readonly bounds: Area;
  readonly boxes: ReadonlyMap<string, Area>;
  readonly groups: readonly (Area & { readonly name: string })[];
  /** For each edge its points from right to left: where it leaves, enters and leaves columns, and arrives. */
  readonly paths: readonly (readonly Point[])[];
}

type DagreGraph = InstanceType<typeof Graph<GraphLabel, NodeLabel, EdgeLabel>>;

/** Half of `nodesep` and half of `edgesep` lie between a group's border and its boxes: the room for its name. */
const spacing = { rankdir: "LR", ranksep: 56, nodesep: 28, edgesep: 20 } as const;

/** Places boxes in columns and leads edges between them, so that no box overlaps another and no edge crosses a box. */
export function layoutGraph(
  nodes: readonly LayoutNode[],
  edges: readonly LayoutEdge[],
): GraphLayout {
  const graph = createGraph(nodes, edges);
  layout(graph);
  const columns = columnsOf(graph, nodes);
  const boxes = new Map(nodes.map(({ id }) => [id, boxArea(graph, id, columns)]));
  const names = new Set(nodes.flatMap(({ group }) => group ?? []));
  const groups = [...names].map((name) => ({ name, ...areaOf(graph.node(groupId(name))) }));
  const straight = edges.map((edge) => pathOf(graph, edge, boxes, columns));
  const paths = spreadStarts(edges, straight, boxes);
  return { bounds: boundsOf([...boxes.values(), ...groups], paths.flat()), boxes, groups, paths };
}

function boundsOf(areas: readonly Area[], points: readonly Point[]): Area {
  const corners = areas.map(({ x, y, width, height }) => ({ x: x + width, y: y + height }));
  const all = [...areas, ...corners, ...points];
  const x = Math.min(...all.map((point) => point.x));
  const y = Math.min(...all.map((point) => point.y));
  return {
    x,
    y,
    width: Math.max(...all.map((point) => point.x)) - x,
    height: Math.max(...all.map((point) => point.y)) - y,
  };
}

const boxId = (id: string): string => `box ${id}`;
const groupId = (name: string): string => `group ${name}`;

function createGraph(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]): DagreGraph {
  const graph: DagreGraph = new Graph({ compound: true, multigraph: true });
  graph.setGraph({ ...spacing });
  for (const { id, group, width, height } of nodes) {
    graph.setNode(boxId(id), { width, height });
    if (group === undefined) continue;
    graph.setNode(groupId(group), { width: 0, height: 0 });
    graph.setParent(boxId(id), groupId(group));
  }
  const layers = new Map(nodes.map(({ id, layer }) => [id, layer]));
  for (const { from, to, kind } of edges) {
    // As long as its layers are apart: boxes of a layer then stand in the same column, unless their group is elsewhere.
    const minlen = (layers.get(from) ?? 1) - (layers.get(to) ?? 0);
    graph.setEdge(boxId(to), boxId(from), { minlen }, kind);
  }
  return graph;
}

function areaOf({ x = 0, y = 0, width, height }: NodeLabel): Area {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

/** The middle of a column -> the width of its widest box. */
type Columns = ReadonlyMap<number, number>;

function columnsOf(graph: DagreGraph, nodes: readonly LayoutNode[]): Columns {
  const placed = nodes.map(({ id }) => graph.node(boxId(id)));
  const columns = Map.groupBy(placed, ({ x = 0 }) => Math.round(x));
  return new Map(
    [...columns].map(([x, boxes]) => [x, Math.max(...boxes.map(({ width }) => width))]),
  );
}

/** Every box is as wide as its column. */
function boxArea(graph: DagreGraph, id: string, columns: Columns): Area {
  const box = graph.node(boxId(id));
  return areaOf({ ...box, width: columns.get(Math.round(box.x ?? 0)) ?? box.width });
}

/** From the left side of a box straight through the columns between to the right side of the other. */
function pathOf(
  graph: DagreGraph,
  { from, to, kind }: LayoutEdge,
  boxes: ReadonlyMap<string, Area>,
  columns: Columns,
): Point[] {
  const [start, end] = [boxes.get(from) ?? nowhere, boxes.get(to) ?? nowhere];
  const { points = [] } = graph.edge(boxId(to), boxId(from), kind);
  const crossings = points
    .slice(1, -1)
    .toReversed()
    .flatMap(({ x, y }) => {
      const width = columns.get(Math.round(x));
      return width === undefined
        ? []
        : [
            { x: x + width / 2, y },
            { x: x - width / 2, y },
          ];
    });
  return [
    { x: start.x, y: start.y + start.height / 2 },
    ...crossings,
    { x: end.x + end.width, y: end.y + end.height / 2 },
  ];
}

const nowhere: Area = { x: 0, y: 0, width: 0, height: 0 };

/** Spreads the starts of edges along the side of their box, in the order of where they lead. */
function spreadStarts(
  edges: readonly LayoutEdge[],
  paths: readonly (readonly Point[])[],
  boxes: ReadonlyMap<string, Area>,
): Point[][] {
  return paths.map(([start = nowhere, ...rest], index) => {
    const from = edges[index]?.from ?? "";
    const { y, height } = boxes.get(from) ?? nowhere;
    const siblings = paths.filter((_, other) => edges[other]?.from === from);
    const nextY = (path: readonly Point[]): number => path[1]?.y ?? 0;
    const sorted = siblings.toSorted((a, b) => nextY(a) - nextY(b));
    const place = sorted.findIndex((path) => path === paths[index]);
    return [{ x: start.x, y: y + (height * (place + 1)) / (sorted.length + 1) }, ...rest];
  });
}
