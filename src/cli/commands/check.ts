import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { sanitizeForTerminal } from "../../ui/output/sanitize.ts";
import { log } from "../../ui/output/log.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { throwAll, type ReynsError } from "../../errors.ts";
import { listPrivileges, type InstancePrivileges } from "../../plan/check-plan.ts";
import type { Environment } from "../../lib/environment.ts";
import type { ProjectPlace } from "../../project/locate.ts";
import type { Project } from "../../model/project.ts";
import { missingDefinition } from "../../model/resource-names.ts";
import { confNames, inspectProject, sortErrors } from "../../project/read.ts";
import { checkWarnings } from "../common/check-warnings.ts";
import { updateEditorFiles } from "../common/editor-files.ts";
import { locateProject, withDefinitionNotice, withPlanErrors } from "../common/context.ts";

export const examples: Examples = [
  ["reyns check", "every mistake in the project"],
  ["reyns check json", "for an editor or CI"],
  ["reyns check && reyns run all", "runs only a valid project"],
];

export const command = defineCommand({
  meta: {
    name: "check",
    description:
      "Validates all confs of the project without an Engine. Reports every mistake with file:line:column; exits with 2 if there is one. Lists instances with more privileges than a plain container: privileged, the host's network, the Engine's socket. Warns of mounted files that this machine does not have, of networks that no instance is in, of instances that ran last and are no longer defined, of a host.conf that other users may access, and of a folder without a definition. Updates the types for editors in .reyns/.",
  },
  args: { allow: args.allow, json: args.json },
  run: async ({ args: { allow, json } }) => {
    const env = args.withAllowed(process.env, allow);
    const place = await locateProject();
    await updateEditorFiles(place);
    const confs = await withDefinitionNotice(confNames(place));
    throwAll(await collectMistakes(place, confs, env));
    const projects = await Promise.all(confs.map((conf) => readConf(place, env, conf)));
    const privileges = uniquePrivileges(projects);
    const missing = confs.length > 0 ? [] : [`nothing to run: ${missingDefinition(place.folder)}`];
    const warnings = [...missing, ...checkWarnings(projects)];
    const rights = privileges.map(rightsJson);
    if (json) return printJson({ folder: place.folder, confs, rights, warnings });
    for (const warning of warnings) log.warn(warning);
    print(`OK: no problems in ${confList(confs)}`);
    if (confs.length > 0 && projects.every(({ conf }) => conf.instances.length === 0))
      print('no services defined yet: add service("web") to reyns.ts');
    if (privileges.length > 0) print(sanitizeForTerminal(privilegesText(privileges)));
  },
});

function confList(confs: readonly string[]): string {
  if (confs.length === 0) return "the services' folders";
  return `${confs.length === 1 ? "conf" : "confs"} ${confs.join(", ")}`;
}

async function readConf(place: ProjectPlace, env: Environment, conf: string): Promise<Project> {
  return (await inspectProject(place, env, conf)).project;
}

/** The privileges of all confs; an instance in several confs is listed once if it has the same ones. */
function uniquePrivileges(projects: readonly Project[]): InstancePrivileges[] {
  const found = projects.flatMap(listPrivileges);
  return [...new Map(found.map((entry) => [JSON.stringify(entry), entry])).values()];
}

function rightsJson({ host, privileges }: InstancePrivileges): unknown {
  return { host, rights: privileges };
}

function privilegesText(instances: readonly InstancePrivileges[]): string {
  const width = Math.max(...instances.map(({ host }) => host.length));
  const lines = instances.map(
    ({ host, privileges }) => `  ${host.padEnd(width)}  ${privileges.join(", ")}`,
  );
  return ["instances with more privileges than a plain container:", ...lines].join("\n");
}

/** Collects the mistakes of all confs, in the order of their places. */
export async function collectMistakes(
  place: ProjectPlace,
  confs: readonly string[],
  env: Environment = process.env,
): Promise<ReynsError[]> {
  const mistakes = await Promise.all(
    (confs.length > 0 ? confs : [undefined]).map((conf) => mistakesOf(place, env, conf)),
  );
  return sortErrors(mistakes.flat());
}

async function mistakesOf(
  place: ProjectPlace,
  env: Environment,
  conf: string | undefined,
): Promise<ReynsError[]> {
  const { project, errors } = await inspectProject(place, env, conf);
  return withPlanErrors(project, errors);
}
