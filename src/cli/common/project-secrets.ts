import { ReynsError, throwAll } from "../../errors.ts";
import type { Project } from "../../model/project.ts";
import type { IsSecret } from "../../project/files-to-save.ts";
import type { ProjectPlace } from "../../project/locate.ts";
import { secretFinder } from "../../project/secret-files.ts";
import { log } from "../../ui/output/log.ts";
import { locateProject } from "./context.ts";

/**
 * Recognizes the secrets of a project, in all its confs.
 *
 * @param force go on, with a warning, where the definition of another conf has mistakes that may hide its secrets
 * @throws ReynsErrors INVALID_PROJECT
 */
export async function recognizeSecrets(project: Project, force: boolean): Promise<IsSecret> {
  const place = await locateProject();
  const { projects, errors } = await inspectOtherConfs(place, project.conf.name);
  if (!force) throwAll(errors);
  for (const { message } of errors) log.warn(message);
  return secretFinder([project, ...projects]);
}

async function inspectOtherConfs(
  place: ProjectPlace,
  conf: string,
): Promise<{ readonly projects: readonly Project[]; readonly errors: readonly ReynsError[] }> {
  const { confNames, inspectProject } = await import("../../project/read.ts");
  const others = (await confNames(place)).filter((name) => name !== conf);
  const projects: Project[] = [];
  const errors: ReynsError[] = [];
  // One after another: each runs the definition.
  for (const name of others) {
    const inspected = await inspectProject(place, process.env, name);
    projects.push(inspected.project);
    const [error] = inspected.errors;
    if (error) errors.push(hiddenSecrets(name, error));
  }
  return { projects, errors };
}

function hiddenSecrets(conf: string, { message, at }: ReynsError): ReynsError {
  const text = `secrets of the conf "${conf}" may not be recognized, because it has a mistake: ${message}`;
  return new ReynsError("INVALID_PROJECT", text, {
    at,
    hint: "correct it (reyns check), or save nevertheless with force=true",
  });
}
