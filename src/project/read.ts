import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { ReynsError, ReynsErrors, throwAll } from "../errors.ts";
import { acceptedHint } from "../lib/suggest.ts";
import { dataFolderOf, type ProjectPlace } from "./locate.ts";
import { checkProjectName, validName } from "../model/host-names.ts";
import { checkInstances } from "./validate.ts";
import { readServices } from "./services/read.ts";
import type { Conf, Project } from "../model/project.ts";
import type { Environment } from "../lib/environment.ts";

/**
 * Reads the whole project: its definition, the asked conf, its service folders.
 *
 * @param confName as given by `conf=`, with or without ".conf"; the default conf when undefined
 * @throws ReynsErrors with every mistake of the definition and the folders together
 */
export async function readProject(
  place: ProjectPlace,
  env: Environment,
  confName?: string,
): Promise<Project> {
  const { project, errors } = await inspectProject(place, env, confName);
  throwAll(errors);
  return project;
}

/** Errors at their own places, from the top of the file to its end. */
export async function placed(errors: readonly ReynsError[]): Promise<ReynsError[]> {
  if (errors.every(({ at }) => at?.path === undefined)) return errors.toSorted(byPlace);
  const { followPaths } = await import("./script/locate-options.ts");
  return followPaths(errors).toSorted(byPlace);
}

/** The project as far as it can be read, with every mistake of it. */
export async function inspectProject(
  place: ProjectPlace,
  env: Environment,
  confName?: string,
): Promise<{ project: Project; errors: readonly ReynsError[] }> {
  const definition = await readDefinition(place, confName);
  const name = env["PROJECT_NAME"]
    ? checkProjectName(env["PROJECT_NAME"])
    : (definition.name ?? validName(basename(place.folder)));
  const { services, errors } = await readServices(place, name, definition.conf);
  const rules = checkInstances(definition.conf, services);
  const project = freeze({
    name,
    folder: place.folder,
    dataFolder: dataFolderOf({ folder: place.folder, name }, env),
    conf: definition.conf,
    services,
    updatePolicy: place.dockerOps ? "APPEND" : "REPLACE",
  });
  return { project, errors: await placed([...definition.errors, ...errors, ...rules]) };
}

/** Every conf that the project has, by name; those that `reyns.ts` hides behind its own are left out. */
export async function confNames(place: ProjectPlace): Promise<string[]> {
  const script =
    place.script === undefined
      ? undefined
      : await (await import("./script/load.ts")).readScript(place.script);
  return [...new Set([...(script?.confs.keys() ?? []), ...confFiles(place.folder)])];
}

interface Definition {
  readonly name: string | undefined;
  readonly conf: Conf;
  readonly errors: readonly ReynsError[];
}

async function readDefinition(place: ProjectPlace, given: string | undefined): Promise<Definition> {
  const confName = given?.replace(/\.conf$/, "");
  try {
    return await findConf(place, confName);
  } catch (error) {
    if (error instanceof ReynsErrors)
      return { name: undefined, conf: emptyConf, errors: error.errors };
    if (error instanceof ReynsError && error.code !== "UNKNOWN_CONF")
      return { name: undefined, conf: emptyConf, errors: [error] };
    throw error;
  }
}

const emptyConf: Conf = { name: "default", file: undefined, sequential: false, instances: [] };

/** `reyns.ts` wins over `NAME.conf`; `run.conf` is the default of the oldest projects. */
async function findConf(place: ProjectPlace, confName: string | undefined): Promise<Definition> {
  const script =
    place.script === undefined
      ? undefined
      : await (await import("./script/load.ts")).readScript(place.script);
  const scripted = script?.confs.get(confName ?? "default");
  const [name, scriptErrors] = [script?.name, script?.errors ?? []];
  if (scripted) return { name, conf: scripted, errors: scriptErrors };
  const standard = place.dockerOps ? ["run", "default"] : ["default", "run"];
  for (const candidate of confName === undefined ? standard : [confName]) {
    const file = join(place.folder, `${candidate}.conf`);
    if (!existsSync(file)) continue;
    const { readConfFile } = await import("./conf/read.ts");
    const { conf, errors } = readConfFile(file, candidate);
    return { name, conf, errors: [...scriptErrors, ...errors] };
  }
  if (confName === undefined) return { name, conf: emptyConf, errors: scriptErrors };
  const accepted = [...(script?.confs.keys() ?? []), ...confFiles(place.folder)];
  throw new ReynsError("UNKNOWN_CONF", `no conf "${confName}" in this project`, {
    hint: acceptedHint(confName, new Set(accepted)),
  });
}

function confFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".conf") && file !== "host.conf")
    .map((file) => file.slice(0, -".conf".length));
}

/** From the top of a file to its end, as a person mends them; those without a place stay where they are. */
function byPlace({ at: one }: ReynsError, { at: other }: ReynsError): number {
  if (one === undefined || one.file !== other?.file) return 0;
  return (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0);
}

/** Shallow is enough for the objects that pass between modules; the deep ones are typed readonly. */
function freeze(project: Project): Project {
  for (const instance of project.conf.instances) Object.freeze(instance);
  Object.freeze(project.conf);
  return Object.freeze(project);
}
