import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { sanitizeForTerminal } from "../../ui/output/sanitize.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { throwAll, type ReynsError } from "../../errors.ts";
import { listPrivileges, findPlanErrors, type InstancePrivileges } from "../../plan/check-plan.ts";
import type { ProjectPlace } from "../../project/locate.ts";
import type { Project } from "../../model/project.ts";
import { confNames, inspectProject, sortErrors } from "../../project/read.ts";
import { updateEditorFiles } from "../shared/editor-files.ts";
import { locateProject, withDefinitionNotice } from "../shared/context.ts";

export const examples: Examples = [
  ["reyns check", "all that is wrong"],
  ["reyns check json", "the same for an editor or CI"],
  ["reyns check && reyns run all", "runs what is right only"],
];

export const command = defineCommand({
  meta: {
    name: "check",
    description:
      "Validates the project, all of its confs, without an Engine: says all that is wrong, at file:line:column, and exits with 2 then. Names the instances that are given more than a container's own rights: privileged, the host's network, the Engine's socket. Keeps the types for editors in .reyns/ up to date.",
  },
  args: { json: args.json },
  run: async ({ args: { json } }) => {
    const place = await locateProject();
    await updateEditorFiles(place);
    const confs = await withDefinitionNotice(confNames(place));
    throwAll(await collectMistakes(place, confs));
    const projects = await Promise.all(confs.map((conf) => projectOf(place, conf)));
    const rights = rightsIn(projects);
    if (json) return printJson({ folder: place.folder, confs, rights });
    print(`nothing is wrong: ${confs.join(", ") || "no conf"}`);
    if (projects.every(({ conf }) => conf.instances.length === 0))
      print(
        `nothing is run, either: no instance is defined, as service("web") in reyns.ts does it`,
      );
    if (rights.length > 0) print(sanitizeForTerminal(rightsText(rights)));
  },
});

async function projectOf(place: ProjectPlace, conf: string): Promise<Project> {
  return (await inspectProject(place, process.env, conf)).project;
}

/** Who may more than a container by itself, in any conf: what a reader of the project should know. */
function rightsIn(projects: readonly Project[]): InstancePrivileges[] {
  const found = projects.flatMap(listPrivileges);
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}

function rightsText(rights: readonly InstancePrivileges[]): string {
  const width = Math.max(...rights.map(({ host }) => host.length));
  const lines = rights.map((one) => `  ${one.host.padEnd(width)}  ${one.privileges.join(", ")}`);
  return ["given more than a container's own rights:", ...lines].join("\n");
}

/** Every mistake of a project, in all of its confs, from the top of each file to its end. */
export async function collectMistakes(
  place: ProjectPlace,
  confs: readonly string[],
): Promise<ReynsError[]> {
  const mistakes = await Promise.all(
    (confs.length > 0 ? confs : [undefined]).map((conf) => mistakesOf(place, conf)),
  );
  return distinct(mistakes.flat());
}

async function mistakesOf(place: ProjectPlace, conf: string | undefined): Promise<ReynsError[]> {
  const { project, errors } = await inspectProject(place, process.env, conf);
  // Where something could not be read, what it leads to is no mistake of its own.
  return [...errors, ...(await sortErrors(findPlanErrors(project)))];
}

/** A mistake in a service's folder shows with every conf. */
async function distinct(errors: readonly ReynsError[]): Promise<ReynsError[]> {
  const byText = new Map(errors.map((error) => [JSON.stringify([error.message, error.at]), error]));
  return sortErrors([...byText.values()]);
}
