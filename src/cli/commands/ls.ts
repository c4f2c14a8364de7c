import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { observeProjects, type ObservedProject } from "../../runtime/observe/projects.ts";
import { formatAge } from "../../ui/output/duration.ts";
import { log } from "../../ui/output/log.ts";
import { print, printJson, printLines } from "../../ui/output/print.ts";
import { formatTable } from "../../ui/output/table.ts";
import { connectEngine, withEngineNotice } from "../common/context.ts";

export const examples: Examples = [
  ["reyns ls", "what runs on this Engine"],
  ["reyns ls json", "for a script"],
  ["DOCKER_CONTEXT=staging reyns ls", "on another Engine"],
];

export const command = defineCommand({
  meta: {
    name: "ls",
    description:
      "Lists all projects that have instances on the Engine, with their folders. Works in any folder.",
  },
  args: {
    json: args.json,
    quiet: { ...args.quiet, description: "Print the names of projects only" },
  },
  run: async ({ args: { json, quiet } }) => {
    const projects = await withEngineNotice(observeProjects(await connectEngine()));
    if (json) return printJson(projects.map(toJson));
    if (quiet) return printLines(projects.map(({ name }) => name));
    if (projects.length === 0) return log.info("no project has instances on this Engine");
    print(formatProjects(projects));
  },
});

function formatProjects(projects: readonly ObservedProject[]): string {
  const columns = [
    { title: "PROJECT" },
    { title: "COPY" },
    { title: "INSTANCES" },
    { title: "AGE", droppable: true },
    { title: "FOLDER", shrinks: true },
  ] as const;
  return formatTable(
    columns,
    projects.map(({ name, folder, copy, running, stopped, since }) => [
      name,
      copy ?? "",
      [running > 0 && `${running} running`, stopped > 0 && `${stopped} stopped`]
        .filter(Boolean)
        .join(", "),
      formatAge(Date.now() / 1000 - since),
      folder,
    ]),
  );
}

function toJson({ since, ...project }: ObservedProject): object {
  return { ...project, createdAt: new Date(since * 1000).toISOString() };
}
