import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { renderDot } from "../../src/ui/graph/dot.ts";
import { type Area, layoutGraph } from "../../src/ui/graph/layout.ts";
import { renderMermaid } from "../../src/ui/graph/mermaid.ts";
import { renderSvg } from "../../src/ui/graph/svg.ts";
import { renderText } from "../../src/ui/graph/text.ts";
import { projectGraph, type ProjectGraph } from "../../src/plan/project-graph.ts";
import { projectOf } from "./support/planning.ts";
import { copiedProject, errorsIn, projectFolder } from "./support/project-folder.ts";

// A hundred boxes take a second where nothing else is at work.
setDefaultTimeout(60_000);

const sources = { caller: {}, hostConf: {}, interfaces: { eth0: "192.0.2.1" } };

async function graphOf(script: string, group?: string): Promise<ProjectGraph> {
  const functions = "conf, dns, link, network, project, required, service";
  await using folder = await projectFolder({
    "reyns.ts": `import { ${functions} } from "reyns";\nproject("shop");\n${script}\n`,
  });
  return projectGraph(await folder.read(), group, sources);
}

const shop = `
const ns = dns({ group: "data" });
const db = service("db", { image: "postgres:17", instance: "one", group: "data", ports: [5432],
  linked: false, env: { PASSWORD: required({ secret: true }) } });
const api = service("api", { image: "shop/api", instance: "one", links: [link(db, "store"), link(ns)],
  ports: [{ container: 80, host: 8080 }] });
service("web", { image: "web", instance: "one", links: [link(api)], after: [db], autorun: false });
`;

describe("the graph of a project", () => {
  test("has dependencies with their kinds, layers, and missing variables", async () => {
    const { nodes, edges } = await graphOf(shop);
    expect(nodes.map(({ host, layer, missing }) => [host, layer, missing])).toEqual([
      ["reyns-dns-main", 0, []],
      ["db-one", 0, ["PASSWORD"]],
      ["api-one", 1, []],
      ["web-one", 2, []],
    ]);
    expect(edges).toEqual([
      { from: "api-one", to: "db-one", kind: "link", name: "store" },
      { from: "api-one", to: "reyns-dns-main", kind: "link", name: "reyns-dns" },
      { from: "web-one", to: "api-one", kind: "link", name: "api" },
      { from: "web-one", to: "db-one", kind: "after", name: undefined },
      { from: "web-one", to: "reyns-dns-main", kind: "dns", name: undefined },
    ]);
  });

  test("has the networks of each instance that is not in the project's own alone", async () => {
    const graph = await graphOf(`
network("default", { name: "shop" });
const back = network("back", { internal: true });
service("plain", { image: "i" });
service("both", { image: "i", networks: ["default", back] });
service("host", { image: "i", networkMode: "host" });
service("none", { image: "i", networkMode: "none" });
service("sharer", { image: "i", networkMode: "service:plain" });`);
    expect(Object.fromEntries(graph.nodes.map(({ host, networks }) => [host, networks]))).toEqual({
      "plain-one": ["default"],
      "both-one": ["default", "back"],
      "host-one": ["host"],
      "none-one": ["none"],
      "sharer-one": ["of plain-one"],
    });
    const texts = [
      renderText(graph, 200),
      renderMermaid(graph),
      renderDot(graph),
      renderSvg(graph),
    ];
    for (const text of texts) {
      expect(text).toContain("in default, back");
      for (const words of ["in no network", "in the network of plain-one"])
        expect(text).toContain(words);
      expect(text).not.toMatch(/in default(?!,)/);
    }
  });

  test("of a group has a missing variable for each link to elsewhere", async () => {
    const { nodes, edges } = await graphOf(
      shop.replace('"one", links', '"one", group: "back", links'),
      "back",
    );
    expect(nodes.map(({ host, missing }) => [host, missing])).toEqual([
      ["api-one", ["STORE_SERVICE_IP", "REYNS_DNS_SERVICE_IP"]],
    ]);
    expect(edges).toEqual([]);
  });

  test("has a star for a name that each run generates", () => {
    const unnamed = { service: "web", instance: undefined };
    const project = projectOf([unnamed, unnamed], { sequential: true });
    const { nodes } = projectGraph(project, undefined, sources);
    expect(nodes.map(({ host }) => host)).toEqual(["web-*", "web-* (2)"]);
  });

  test("fails with the path of a cycle, and for an unknown group", async () => {
    const circle =
      'for (const [a, b] of [["x", "y"], ["y", "x"]]) service(a, { image: "i", instance: "one", links: [link(b)] });';
    const refused = async (work: Promise<unknown>): Promise<string[]> =>
      errorsIn(
        await work.then(
          () => undefined,
          (error: unknown) => error,
        ),
      ).map(({ message }) => message);
    expect(await refused(graphOf(circle))).toEqual([
      "instances wait for each other in a circle: x-one -> y-one -> x-one",
    ]);
    expect(await refused(graphOf(shop, "dta"))).toEqual(['the conf "default" has no group "dta"']);
  });

  test("of a conf in the older form numbers its instances and has only edges to earlier ones", async () => {
    await using folder = await copiedProject("test/fixtures/older", "older");
    const graph = projectGraph(await folder.read(), undefined, sources);
    expect(graph.sequential).toBe(true);
    expect(graph.nodes.map(({ place }) => place)).toEqual(graph.nodes.map((_, index) => index + 1));
    const place = new Map(graph.nodes.map((node) => [node.host, node.place ?? 0]));
    for (const { from, to } of graph.edges)
      expect(place.get(from)).toBeGreaterThan(place.get(to) ?? 0);
    expect(renderText(graph, 80)).toContain("\none after another\n├─ 1. ");
  });
});

test("the text shows the order of starts", async () => {
  expect(renderText(await graphOf(shop), 80)).toBe(`shop, conf default: 4 instances

at once
├─ reyns-dns-main [data]  reyns/reyns-dns
└─ db-one [data]          postgres:17  5432/tcp
    needs PASSWORD
then
└─ api-one                shop/api  8080->80/tcp
    ─▶ db-one as store, reyns-dns-main
then
└─ web-one                web
    ─▶ api-one   ╌▶ db-one   ┈▶ reyns-dns-main
    runs only when it is named

─▶ links to   ╌▶ comes after   ┈▶ registers with`);
  const narrow = renderText(await graphOf(shop), 30)
    .split("\n")
    .slice(0, -1);
  expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(30);
});

/** The graph with another name for the group of some instances; a .conf's may have any. */
function renamed(graph: ProjectGraph, hosts: readonly string[], group: string): ProjectGraph {
  const nodes = graph.nodes.map((node) => (hosts.includes(node.host) ? { ...node, group } : node));
  return { ...graph, nodes };
}

test("Mermaid and DOT quote names, groups and labels", async () => {
  const graph = renamed(await graphOf(shop), ["reyns-dns-main"], 'the "data"\n& more');
  expect(renderMermaid(graph)).toMatchInlineSnapshot(`
    "flowchart RL
      subgraph g0["the #34;data#34; #38; more"]
        n0["reyns-dns-main<br>reyns/reyns-dns"]
      end
      subgraph g1["data"]
        n1["db-one<br>postgres:17  5432/tcp<br>needs PASSWORD"]
      end
      n2["api-one<br>shop/api  8080-#62;80/tcp"]
      n3["web-one<br>web"]
      n2 -->|"store"| n1
      n2 --> n0
      n3 --> n2
      n3 -.->|"after"| n1
      n3 -.->|"registers"| n0"
  `);
  expect(renderDot(graph)).toMatchInlineSnapshot(`
    "digraph "shop, conf default: 4 instances" {
      rankdir=RL;
      node [shape=box, style="rounded,filled", fillcolor=white, fontname=monospace];
      edge [fontname=monospace, fontsize=10];
      subgraph cluster_0 {
        label="the \\"data\\"\\n& more"; style="rounded,filled"; color="#0969da22";
        "reyns-dns-main" [label="reyns-dns-main\\nreyns/reyns-dns"];
      }
      subgraph cluster_1 {
        label="data"; style="rounded,filled"; color="#0969da22";
        "db-one" [label="db-one\\npostgres:17  5432/tcp\\nneeds PASSWORD"];
      }
      "api-one" [label="api-one\\nshop/api  8080->80/tcp"];
      "web-one" [label="web-one\\nweb"];
      "api-one" -> "db-one" [label="store"];
      "api-one" -> "reyns-dns-main";
      "web-one" -> "api-one";
      "web-one" -> "db-one" [style=dashed];
      "web-one" -> "reyns-dns-main" [style=dotted, color="#888888"];
    }"
  `);
});

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
      renamed(await graphOf(shop), ["reyns-dns-main", "db-one"], '<data> & "more"\u0007'),
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
    const graph = projectGraph(await project.read(conf), undefined, sources);
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
