import { writeFileSync } from "node:fs";
import { dirname, extname } from "node:path";
import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { print } from "../../ui/output/print.ts";
import { log } from "../../ui/output/log.ts";
import { isTerminal, terminalWidth } from "../../ui/output/style.ts";
import { ReynsError } from "../../errors.ts";
import { projectGraph, type ProjectGraph } from "../../plan/project-graph.ts";
import { readHostConf } from "../../project/host-conf.ts";
import { acceptedHint } from "../../lib/suggest.ts";
import { loadProject } from "../shared/context.ts";
import { hostInterfaces } from "../shared/host-addresses.ts";

const formats = ["text", "mermaid", "dot", "svg", "json"] as const;
type GraphFormat = (typeof formats)[number];

export const examples: Examples = [
  ["reyns graph", "as a text"],
  ["reyns graph out=graph.svg", "as a picture"],
  ["reyns graph group=node1 format=mermaid", "a part, to paste into Markdown"],
];

export const command = defineCommand({
  meta: {
    name: "graph",
    description:
      "Draws who waits for whom when the project is run, without an Engine: as a text, a picture, or for other programs.",
  },
  args: {
    conf: args.conf,
    group: args.group,
    format: {
      type: "enum",
      options: [...formats],
      valueHint: "FORMAT",
      description: "How it is drawn; else by the ending of out, or text",
    },
    out: { type: "string", valueHint: "FILE", description: "Where to, instead of standard output" },
    json: args.json,
  },
  run: async ({ args: given }) => {
    const project = await loadProject(args.given(given.conf));
    const sources = {
      caller: process.env,
      hostConf: readHostConf(project.folder),
      interfaces: hostInterfaces(),
    };
    const graph = projectGraph(project, args.given(given.group), sources);
    const out = args.given(given.out);
    const drawn = await draw(graph, given.json ? "json" : (given.format ?? formatOf(out)));
    if (out === undefined) return print(drawn);
    write(out, `${drawn}\n`);
    log.info(`${out} written`);
  },
});

const endings: Readonly<Record<string, GraphFormat>> = {
  txt: "text",
  svg: "svg",
  json: "json",
  mmd: "mermaid",
  mermaid: "mermaid",
  dot: "dot",
  gv: "dot",
};

/** By the ending of the file; a picture of a kind that nobody draws must not come out as a text. */
function formatOf(out: string | undefined): GraphFormat {
  const ending = extname(out ?? "").slice(1);
  if (ending === "") return "text";
  const format = Object.hasOwn(endings, ending) ? endings[ending] : undefined;
  if (format !== undefined) return format;
  const hint = `${acceptedHint(ending, Object.keys(endings))}; or say format=`;
  throw new ReynsError("INVALID_VALUE", `no drawing ends in .${ending}`, { hint });
}

async function draw(graph: ProjectGraph, format: GraphFormat): Promise<string> {
  switch (format) {
    case "text": {
      const width = isTerminal("stdout") ? terminalWidth("stdout") : Number.POSITIVE_INFINITY;
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

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    const hint = `make it: mkdir -p ${dirname(file)}`;
    throw new ReynsError("FILE_REFUSED", `there is no folder for ${file}`, { hint, cause });
  }
}
