import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Area, layoutGraph } from "../../src/ui/graph/layout.ts";
import { renderSvg } from "../../src/ui/graph/svg.ts";
import { projectGraph, type ProjectGraph } from "../../src/plan/project-graph.ts";
import { copiedProject } from "./support/project-folder.ts";
import { graphSources, graphOf, shopScript, withGroup } from "./support/graphs.ts";

// A hundred boxes take a second where nothing else is at work.
setDefaultTimeout(60_000);

/** A project of many instances in groups, each leading to one or two before it; the same for the same seed. */
function many(count: number, seed: number): ProjectGraph {
  let state = seed;
  const next = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state % below;
  };
  const layers: number[] = [];
  const nodes = Array.from({ length: count }, (_, index) => {
    const targets = index === 0 ? [] : [...new Set([next(index), next(index)])];
    const layer = Math.max(-1, ...targets.map((target) => layers[target] ?? 0)) + 1;
    layers.push(layer);
    const group = ["data", "back", "front", undefined][(state >> 8) % 4];
    return {
      targets,
      host: `service-${index}`,
      service: "service",
      group,
      layer,
      image: `image:${index}`,
      ports: [],
      networks: ["default"],
      missing: index % 5 === 0 ? ["SECRET"] : [],
      autorun: true,
      place: undefined,
    };
  });
  const edges = nodes.flatMap(({ host, targets }) =>
    targets.map((target, index) => ({
      from: host,
      to: `service-${target}`,
      kind: index === 0 ? ("link" as const) : ("after" as const),
      name: index === 0 ? "other" : undefined,
    })),
  );
  return { project: "many", conf: "default", group: undefined, sequential: false, nodes, edges };
}

const overlap = (one: Area, other: Area): boolean =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;

describe("the places in a picture", () => {
  for (const [count, seed] of [
    [1, 1],
    [30, 7],
    [30, 8],
    [100, 9],
  ] as const) {
    test(`${count} boxes: none overlaps another, no edge crosses one, each is in the area of its group (${seed})`, () => {
      const { nodes, edges } = many(count, seed);
      const boxesIn = nodes.map((node, index) => ({
        ...node,
        id: node.host,
        width: 80 + (index % 7) * 20,
        height: 40 + (index % 3) * 20,
      }));
      const { boxes, groups, paths, bounds } = layoutGraph(boxesIn, edges);
      const areas = [...boxes.values()];
      for (const [index, one] of areas.entries()) {
        for (const other of areas.slice(index + 1)) expect(overlap(one, other)).toBe(false);
        expect(one.x + one.width).toBeLessThanOrEqual(bounds.x + bounds.width);
        expect(one.y + one.height).toBeLessThanOrEqual(bounds.y + bounds.height);
      }
      for (const { name, ...area } of groups)
        for (const node of nodes)
          expect([node.host, overlap(boxes.get(node.host) ?? area, area)]).toEqual([
            node.host,
            node.group === name,
          ]);
      // From one column to the next an edge is in the space between; within a column it goes straight.
      for (const path of paths) {
        for (let index = 1; index + 1 < path.length; index += 2) {
          const [start, end] = [path[index], path[index + 1]];
          if (!start || !end) continue;
          expect(start.y).toBe(end.y);
          const line = { x: end.x, y: start.y, width: start.x - end.x, height: 1 };
          expect(areas.filter((area) => overlap(area, line))).toEqual([]);
        }
        expect(path.map(({ x }) => x)).toEqual(path.map(({ x }) => x).toSorted((a, b) => b - a));
      }
    });
  }
});

describe("a picture", () => {
  const numbers = (text: string, name: string): number =>
    Number(new RegExp(`${name}="([\\d.]+)"`).exec(text)?.[1]);

  test("is well-formed, describes its content, and has room for every text", async () => {
    for (const graph of [
      many(30, 7),
      withGroup(await graphOf(shopScript), ["reyns-dns-main", "db-one"], '<data> & "more"\u0007'),
    ]) {
      const svg = renderSvg(graph);
      expect(unbalanced(svg)).toEqual([]);
      expect(svg).not.toMatch(/(?!\n)\p{Cc}/u);
      expect(svg).toContain(
        `<title id="title">${graph.project}, conf default: ${graph.nodes.length} instances</title>`,
      );
      expect(svg).toContain("waits for nothing.");
      expect(svg).toContain("prefers-color-scheme:dark");
      const boxes = svg.match(/<g class="box.*<\/g>/g) ?? [];
      expect(boxes).toHaveLength(graph.nodes.length);
      for (const box of boxes) {
        const texts = [...box.matchAll(/<text [^>]*>([^<]*)</g)].map(([, text = ""]) =>
          text.replace(/&#\d+;/g, "?"),
        );
        // Seven pixels a character are enough for the small type.
        expect(numbers(box, "width")).toBeGreaterThan(
          Math.max(...texts.map(({ length }) => length)) * 7,
        );
        const rows = [...box.matchAll(/<text [^>]* y="([\d.]+)"/g)].map(([, y]) => Number(y));
        expect(Math.max(...rows)).toBeLessThan(numbers(box, " y") + numbers(box, "height"));
      }
    }
  });
});

describe("a picture of what there is", () => {
  const projects = [
    ["demo", "default"],
    ["demo", "default-multinode"],
    ["test/fixtures/older", "default"],
    ["test/fixtures/older", "published"],
    ["test/fixtures/oldest", "run"],
    ["templates/multinode", "nodes"],
    ["templates/web-db", "default"],
  ] as const;
  test.each(projects)("%s, %s: well-formed, no box on another", async (folder, conf) => {
    await using project = await copiedProject(folder, "shown");
    const graph = projectGraph(await project.read(conf), undefined, graphSources);
    const svg = renderSvg(graph);
    expect(unbalanced(svg)).toEqual([]);
    const areas = [
      ...svg.matchAll(
        /<g class="box[^>]*><rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g,
      ),
    ].map(([, ...numbers]): Area => {
      const [x = 0, y = 0, width = 0, height = 0] = numbers.map(Number);
      return { x, y, width, height };
    });
    expect(areas).toHaveLength(graph.nodes.length);
    for (const [index, one] of areas.entries())
      for (const other of areas.slice(index + 1)) expect(overlap(one, other)).toBe(false);
  });
});

/** What is wrong with a document as XML: tags that do not match, characters that may not stand there. */
function unbalanced(xml: string): string[] {
  const open: string[] = [];
  const wrong: string[] = xml.replace(/<[^>]*>/g, "").match(/&(?!#\d+;)|</g) ?? [];
  for (const [tag, slash, name = "", rest = ""] of xml.matchAll(/<(\/?)([\w-]+)([^>]*)>/g)) {
    if (
      slash === "/"
        ? open.pop() !== name
        : !/^(\s+[\w:-]+="[^"<&]*")*\/?$/.test(rest.replace(/&#\d+;/g, ""))
    )
      wrong.push(tag);
    if (slash === "" && !rest.endsWith("/")) open.push(name);
  }
  return [...wrong, ...open];
}
