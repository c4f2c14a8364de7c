import { dirname, extname } from "node:path";
import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { print } from "../../ui/output/print.ts";
import { log } from "../../ui/output/log.ts";
import { isTerminal, terminalWidth } from "../../ui/output/style.ts";
import { ReynsError } from "../../errors.ts";
import { projectGraph, type ProjectGraph } from "../../plan/project-graph.ts";
import { readHostValues } from "../../project/host-conf.ts";
import { acceptedHint } from "../../lib/suggest.ts";
import { loadProject } from "../common/context.ts";
import { hostInterfaces } from "../../runtime/host/interfaces.ts";
import { writeOutputFile } from "../../lib/write-output-file.ts";

const formats = ["text", "mermaid", "dot", "svg", "json"] as const;
type GraphFormat = (typeof formats)[number];

export const examples: Examples = [
  ["reyns graph", "as text"],
  ["reyns graph out=graph.svg", "as a picture"],
  ["reyns graph group=node1 format=mermaid", "one group, to paste into Markdown"],
];

export const command = defineCommand({
  meta: {
    name: "graph",
    description:
      "Shows the dependency graph: which instances wait for which others. Prints text, a picture, or a format for other programs. Needs no Engine.",
  },
  args: {
    conf: args.conf,
    group: args.group,
    format: {
      type: "enum",
      options: [...formats],
      valueHint: "FORMAT",
      description: "Format of the graph; by default that of the extension of out, or text",
    },
    out: {
      type: "string",
      valueHint: "FILE",
      description: "File to write, instead of standard output",
    },
    json: args.json,
  },
  run: async ({ args: { conf, group, format, out, json } }) => {
    const project = await loadProject(conf);
    const sources = {
      caller: process.env,
      hostConf: readHostValues(project),
      interfaces: hostInterfaces(),
    };
    const graph = projectGraph(project, group, sources);
    const text = await render(graph, json ? "json" : (format ?? formatOf(out)));
    if (out === undefined) return print(text);
    writeGraph(out, `${text}\n`);
    log.info(`${out} is written`);
  },
});

const extensions: Readonly<Record<string, GraphFormat>> = {
  txt: "text",
  svg: "svg",
  json: "json",
  mmd: "mermaid",
  mermaid: "mermaid",
  dot: "dot",
  gv: "dot",
};

/** @throws ReynsError INVALID_VALUE, so that no picture of an unknown kind is written as text */
function formatOf(out: string | undefined): GraphFormat {
  const extension = extname(out ?? "").slice(1);
  if (extension === "") return "text";
  const format = Object.hasOwn(extensions, extension) ? extensions[extension] : undefined;
  if (format !== undefined) return format;
  const hint = `${acceptedHint(extension, Object.keys(extensions))}; or choose one with format=`;
  throw new ReynsError("INVALID_VALUE", `unsupported format .${extension}`, { hint });
}

async function render(graph: ProjectGraph, format: GraphFormat): Promise<string> {
  switch (format) {
    case "text": {
      const width = isTerminal("stdout") ? terminalWidth("stdout") : Infinity;
      return (await import("../../ui/graph/text.ts")).renderText(graph, width);
    }
    case "mermaid":
      return (await import("../../ui/graph/mermaid.ts")).renderMermaid(graph);
    case "dot":
      return (await import("../../ui/graph/dot.ts")).renderDot(graph);
    case "svg":
      return (await import("../../ui/graph/svg.ts")).renderSvg(graph);
    case "json":
      return JSON.stringify(graph, (_, value: unknown) => value ?? null, 2);
  }
}

function writeGraph(file: string, text: string): void {
  try {
    writeOutputFile(file, text);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    const folder = dirname(file);
    const hint = `create it: mkdir -p ${folder}`;
    throw new ReynsError(
      "FILE_REFUSED",
      `cannot write ${file}: the folder ${folder} does not exist`,
      { hint, cause },
    );
  }
}
