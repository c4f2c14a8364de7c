import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { renderDot } from "../../src/ui/graph/dot.ts";
import { renderMermaid } from "../../src/ui/graph/mermaid.ts";
import { renderSvg } from "../../src/ui/graph/svg.ts";
import { renderText } from "../../src/ui/graph/text.ts";
import { projectGraph } from "../../src/plan/project-graph.ts";
import { projectOf } from "./support/planning.ts";
import { copiedProject, errorsIn } from "./support/project-folder.ts";
import { graphSources, graphOf, shopScript, withGroup } from "./support/graphs.ts";

// A hundred boxes take a second where nothing else is at work.
setDefaultTimeout(60_000);

describe("the graph of a project", () => {
  test("has dependencies with their kinds, layers, and missing variables", async () => {
    const { nodes, edges } = await graphOf(shopScript);
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
      shopScript.replace('"one", links', '"one", group: "back", links'),
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
    const { nodes } = projectGraph(project, undefined, graphSources);
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
    expect(await refused(graphOf(shopScript, "dta"))).toEqual([
      'the conf "default" has no group "dta"',
    ]);
  });

  test("of a conf in the older form numbers its instances and has only edges to earlier ones", async () => {
    await using folder = await copiedProject("test/fixtures/older", "older");
    const graph = projectGraph(await folder.read(), undefined, graphSources);
    expect(graph.sequential).toBe(true);
    expect(graph.nodes.map(({ place }) => place)).toEqual(graph.nodes.map((_, index) => index + 1));
    const place = new Map(graph.nodes.map((node) => [node.host, node.place ?? 0]));
    for (const { from, to } of graph.edges)
      expect(place.get(from)).toBeGreaterThan(place.get(to) ?? 0);
    expect(renderText(graph, 80)).toContain("\none after another\n├─ 1. ");
  });
});

test("the text shows the order of starts", async () => {
  expect(renderText(await graphOf(shopScript), 80)).toBe(`shop, conf default: 4 instances

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
  const narrow = renderText(await graphOf(shopScript), 30)
    .split("\n")
    .slice(0, -1);
  expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(30);
});

test("Mermaid and DOT quote names, groups and labels", async () => {
  const graph = withGroup(await graphOf(shopScript), ["reyns-dns-main"], 'the "data"\n& more');
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
