/** A box to be placed; sizes are pixels. */
export interface LayoutNode {
  readonly id: string;
  /** Its column, from the left. */
  readonly layer: number;
  /** Boxes of a group stand in a band of their own. */
  readonly group: string | undefined;
  readonly width: number;
  readonly height: number;
}

export interface LayoutEdge {
  readonly from: string;
  /** In a column further to the left. */
  readonly to: string;
  /** Edges of a kind to the same box share their way. */
  readonly kind: string;
}

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Area>;
  readonly bands: readonly (Area & { readonly group: string })[];
  /** For each edge the points where it leaves, passes columns, and arrives, from right to left. */
  readonly ways: readonly (readonly Point[])[];
}

/** What takes a place in a column: a box, or the gap that a long edge passes through. */
interface Item {
  readonly id: string;
  readonly layer: number;
  readonly band: number;
  readonly height: number;
}

const space = { columns: 76, rows: 18, bands: 16 } as const;
const band = { padding: 14, title: 20 } as const;
const passage = 6;

/**
 * Places boxes in columns, those of a group in a band across them, and leads long edges through gaps of their own, so
 * that no box overlaps another and no edge crosses a box.
 */
export function layoutGraph(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]): Layout {
  const groups = [...new Set(nodes.map(({ group }) => group))];
  const boxes = new Map(nodes.map((node) => [node.id, boxOf(node, groups)]));
  const passed = edges.map((edge) => chainOf(edge, boxes));
  const items = new Map([...boxes.values(), ...passed.flat()].map((item) => [item.id, item]));
  const chains = passed.map((chain) => chain.map(({ id }) => id));
  const ordered = order([...items.values()], chains);
  const columns = columnsOf(nodes);
  const rows = rowsOf(ordered, groups);
  const areaOf = ({ id, layer, height }: Item): Area => {
    const { x, width } = columns[layer] ?? { x: 0, width: 0 };
    return { x, y: rows.tops.get(id) ?? 0, width, height };
  };
  const areas = new Map(ordered.map((item) => [item.id, areaOf(item)]));
  const end = columns.at(-1);
  const width = (end ? end.x + end.width : 0) + band.padding;
  return {
    width,
    height: rows.height,
    boxes: new Map(nodes.map(({ id }) => [id, areas.get(id) ?? nowhere] as const)),
    bands: rows.bands.map((one) => ({ ...one, x: 0, width })),
    ways: spread(
      chains.map((chain) => wayThrough(chain.map((id) => areas.get(id) ?? nowhere))),
      edges,
      areas,
    ),
  };
}

const nowhere: Area = { x: 0, y: 0, width: 0, height: 0 };

function boxOf(
  { id, layer, group, height }: LayoutNode,
  groups: readonly (string | undefined)[],
): Item {
  return { id, layer, band: groups.indexOf(group), height };
}

/** What an edge passes from its start to its end: the gaps between are shared by all of a kind to the same box. */
function chainOf({ from, to, kind }: LayoutEdge, boxes: ReadonlyMap<string, Item>): Item[] {
  const [start, end] = [boxes.get(from), boxes.get(to)];
  if (!start || !end) return [];
  const between = Array.from({ length: Math.max(0, start.layer - end.layer - 1) }, (_, index) => {
    const layer = start.layer - 1 - index;
    return { id: `${to} ${kind} ${layer}`, layer, band: end.band, height: passage };
  });
  return [start, ...between, end];
}

/** Moves each item towards the mean place of its neighbours, column by column, there and back (Sugiyama's barycentres). */
function order(items: readonly Item[], chains: readonly (readonly string[])[]): Item[] {
  const neighbours = neighboursIn(chains);
  const layers = [...new Set(items.map(({ layer }) => layer))].toSorted((a, b) => a - b);
  let ordered = [...items];
  for (const sweep of [layers, layers.toReversed(), layers, layers.toReversed()])
    for (const layer of sweep) ordered = sortLayer(ordered, layer, neighbours);
  return ordered;
}

function neighboursIn(chains: readonly (readonly string[])[]): Map<string, string[]> {
  const pairs = chains.flatMap((chain) =>
    chain
      .slice(1)
      .flatMap((id, index) => [
        [id, chain[index] ?? id] as const,
        [chain[index] ?? id, id] as const,
      ]),
  );
  const grouped = Map.groupBy(pairs, ([id]) => id);
  return new Map([...grouped].map(([id, all]) => [id, all.map(([, other]) => other)]));
}

function sortLayer(
  items: readonly Item[],
  layer: number,
  neighbours: ReadonlyMap<string, readonly string[]>,
): Item[] {
  const places = placesOf(items);
  const meanOf = ({ id }: Item): number => {
    const near = (neighbours.get(id) ?? []).map((other) => places.get(other) ?? 0);
    if (near.length === 0) return places.get(id) ?? 0;
    return near.reduce((sum, place) => sum + place, 0) / near.length;
  };
  const own = items
    .filter((item) => item.layer === layer)
    .map((item) => ({ item, mean: meanOf(item) }))
    .toSorted((one, other) => one.item.band - other.item.band || one.mean - other.mean);
  return [...items.filter((item) => item.layer !== layer), ...own.map(({ item }) => item)];
}

/** Id -> how far down it stands in its column, from 0 to 1. */
function placesOf(items: readonly Item[]): Map<string, number> {
  const places = new Map<string, number>();
  for (const column of Map.groupBy(items, ({ layer }) => layer).values())
    for (const [index, { id }] of column.entries()) places.set(id, (index + 0.5) / column.length);
  return places;
}

function columnsOf(nodes: readonly LayoutNode[]): { x: number; width: number }[] {
  const count = Math.max(-1, ...nodes.map(({ layer }) => layer)) + 1;
  let x: number = band.padding;
  return Array.from({ length: count }, (_, layer) => {
    const own = nodes.filter((node) => node.layer === layer);
    const column = { x, width: Math.max(0, ...own.map(({ width }) => width)) };
    x += column.width + space.columns;
    return column;
  });
}

interface Rows {
  readonly tops: ReadonlyMap<string, number>;
  readonly bands: readonly {
    readonly group: string;
    readonly y: number;
    readonly height: number;
  }[];
  readonly height: number;
}

function rowsOf(items: readonly Item[], groups: readonly (string | undefined)[]): Rows {
  const tops = new Map<string, number>();
  const bands: Rows["bands"][number][] = [];
  let y = 0;
  for (const [index, group] of groups.entries()) {
    const own = items.filter((item) => item.band === index);
    const columns = [...Map.groupBy(own, ({ layer }) => layer).values()];
    const inner = Math.max(...columns.map(heightOf));
    const above = band.padding + (group === undefined ? 0 : band.title);
    for (const column of columns) {
      let top = y + above + (inner - heightOf(column)) / 2;
      for (const { id, height } of column) {
        tops.set(id, top);
        top += height + space.rows;
      }
    }
    const height = above + inner + band.padding;
    if (group !== undefined) bands.push({ group, y, height });
    y += height + space.bands;
  }
  return { tops, bands, height: Math.max(0, y - space.bands) };
}

function heightOf(column: readonly Item[]): number {
  return column.reduce((sum, { height }) => sum + height + space.rows, -space.rows);
}

/** From the left side of the first area through those between to the right side of the last. */
function wayThrough(areas: readonly Area[]): Point[] {
  return areas.flatMap(({ x, y, width, height }, index) => {
    const middle = y + height / 2;
    const [left, right] = [
      { x, y: middle },
      { x: x + width, y: middle },
    ];
    if (index === 0) return [left];
    return index === areas.length - 1 ? [right] : [right, left];
  });
}

/** Lets the edges that leave the same box begin at places of their own along its side, in the order of where they go. */
function spread(
  ways: readonly (readonly Point[])[],
  edges: readonly LayoutEdge[],
  areas: ReadonlyMap<string, Area>,
): Point[][] {
  const numbered = ways.map((way, index) => ({ way, index, from: edges[index]?.from ?? "" }));
  const starts = new Map<number, number>();
  for (const [from, own] of Map.groupBy(numbered, (one) => one.from)) {
    const { y, height } = areas.get(from) ?? nowhere;
    const sorted = own.toSorted((one, other) => (one.way[1]?.y ?? 0) - (other.way[1]?.y ?? 0));
    for (const [place, { index }] of sorted.entries())
      starts.set(index, y + (height * (place + 1)) / (sorted.length + 1));
  }
  return ways.map(([start = nowhere, ...rest], index) => [
    { x: start.x, y: starts.get(index) ?? start.y },
    ...rest,
  ]);
}
