// Graphs of projects.
import { projectGraph, type ProjectGraph } from "../../../src/plan/project-graph.ts";
import { projectFolder } from "./project-folder.ts";

export const graphSources = { caller: {}, hostConf: {}, interfaces: { eth0: "192.0.2.1" } };

export async function graphOf(script: string, group?: string): Promise<ProjectGraph> {
  const functions = "conf, dns, link, network, project, required, service";
  await using folder = await projectFolder({
    "reyns.ts": `import { ${functions} } from "reyns";\nproject("shop");\n${script}\n`,
  });
  return projectGraph(await folder.read(), group, graphSources);
}

export const shopScript = `
const ns = dns({ group: "data" });
const db = service("db", { image: "postgres:17", instance: "one", group: "data", ports: [5432],
  linked: false, env: { PASSWORD: required({ secret: true }) } });
const api = service("api", { image: "shop/api", instance: "one", links: [link(db, "store"), link(ns)],
  ports: [{ container: 80, host: 8080 }] });
service("web", { image: "web", instance: "one", links: [link(api)], after: [db], autorun: false });
`;

/** The graph with another name for the group of some instances; a .conf's may have any. */
export function withGroup(
  graph: ProjectGraph,
  hosts: readonly string[],
  group: string,
): ProjectGraph {
  const nodes = graph.nodes.map((node) => (hosts.includes(node.host) ? { ...node, group } : node));
  return { ...graph, nodes };
}
