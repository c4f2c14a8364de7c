import { existsSync } from "node:fs";
import { join } from "node:path";
import { ReynsError, ReynsErrors } from "../errors.ts";
import { acceptedHint } from "../lib/suggest.ts";
import { dataFolderOf, mayNameNodes, type ProjectPlace } from "./locate.ts";
import { checkProjectName } from "../model/host-names.ts";
import { checkInstances } from "./validate.ts";
import { hasFreePorts } from "./folder-ports.ts";
import { defaultNameOf } from "./origin.ts";
import { confNamesIn, findConfFile } from "./conf/files.ts";
import { resolveImageHandles } from "./services/image-of.ts";
import { copyNameOf } from "../model/copy-origin.ts";
import { withDefaultNetwork } from "./default-network.ts";
import { resolveVolumesFrom } from "./volumes-from.ts";
import { readServices } from "./services/read.ts";
import { missingDefinition } from "../model/resource-names.ts";
import type { Conf, Project } from "../model/project.ts";
import type { Environment } from "../lib/environment.ts";

/**
 * Errors at their exact places, from the top of the file to its end. A mistake at one place is one, however many services
 * share the options that it stands in, or confs the folder.
 */
export async function sortErrors(errors: readonly ReynsError[]): Promise<ReynsError[]> {
  const isLocated = errors.every(({ at }) => at?.path === undefined);
  const located = isLocated
    ? errors
    : (await import("./script/locate-options.ts")).locateErrors(errors);
  const byText = new Map(
    located.map((error) => [JSON.stringify([error.message, error.at]), error]),
  );
  return [...byText.values()].toSorted(comparePlaces);
}

/**
 * Reads the whole project as far as it can be read: its definition, the selected conf, and its service folders.
 *
 * @param confName as given by `conf=`, with or without ".conf"; the default conf when undefined
 * @returns the project, and all mistakes of the definition and the folders
 * @throws ReynsError UNKNOWN_CONF
 */
export async function inspectProject(
  place: ProjectPlace,
  env: Environment,
  confName?: string,
): Promise<{ project: Project; errors: readonly ReynsError[] }> {
  const definition = await readDefinition(place, env, confName);
  const name = env["PROJECT_NAME"]
    ? checkProjectName(env["PROJECT_NAME"])
    : (definition.name ?? defaultNameOf(place));
  const named = await withNodes(definition.conf, place.folder);
  const { services, errors } = await readServices(place, name, named.conf);
  const resolved = resolveImageHandles(named.conf, services);
  const shared = resolveVolumesFrom(resolved.conf);
  const variant = await variantOf(withDefaultNetwork(shared.conf), place);
  const broken = [
    ...named.errors,
    ...variant.errors,
    ...resolved.errors,
    ...shared.errors,
    ...checkInstances(resolved.conf, services),
    ...(await swarmErrors(resolved.conf, services)),
  ];
  const project = freeze({
    name,
    folder: place.folder,
    origin: place.origin,
    movedFrom: place.movedFrom,
    dataFolder: dataFolderOf({ ...place, name }, env),
    ...variant.conf,
    services,
    updatePolicy: place.dockerOps ? "APPEND" : "REPLACE",
  });
  return { project, errors: await sortErrors([...definition.errors, ...errors, ...broken]) };
}

/** Most projects have nothing that Docker Swarm runs. */
async function swarmErrors(
  conf: Conf,
  services: Project["services"],
): Promise<readonly ReynsError[]> {
  if (conf.instances.every(({ swarm }) => swarm === undefined)) return [];
  return (await import("./validate-swarm.ts")).checkSwarm(conf, services);
}

/** The conf as it is in this place: that of a copy has nothing that the project, or another copy, has too. */
async function variantOf(
  conf: Conf,
  { folder, origin }: Pick<ProjectPlace, "folder" | "origin">,
): Promise<{
  conf: Pick<Project, "conf" | "definedConf" | "hasFreePorts">;
  errors: readonly ReynsError[];
}> {
  const copy = copyNameOf(origin);
  if (copy === undefined && !hasFreePorts(folder)) return { conf: { conf }, errors: [] };
  const { copyConf, findNameClashes, withFreePorts } = await import("./copy-conf.ts");
  const { isOnOneEngine } = await import("./copy-record.ts");
  const { onOneEngine } = await import("./one-engine-conf.ts");
  const placed = isOnOneEngine({ folder, origin }) ? onOneEngine(conf) : conf;
  const own = copy === undefined ? conf : copyConf(placed, copy);
  return {
    conf: { conf: withFreePorts(own), definedConf: conf, hasFreePorts: true },
    errors: copy === undefined ? [] : findNameClashes(conf, copy),
  };
}

/** The names of all confs; `reyns.ts` hides a `.conf` of the same name. */
export async function confNames(place: ProjectPlace): Promise<string[]> {
  if (place.compose !== undefined) return ["default"];
  const script =
    place.script === undefined
      ? undefined
      : await (await import("./script/load.ts")).readScript(place.script);
  return [...new Set([...(script?.confs.keys() ?? []), ...confNamesIn(place)])];
}

/** Adds the machines that `host.conf` names, and checks what belongs on which. */
async function withNodes(
  conf: Conf,
  folder: string,
): Promise<{ conf: Conf; errors: readonly ReynsError[] }> {
  if (conf.nodes === undefined && !mayNameNodes(folder)) return { conf, errors: [] };
  const { resolveNodes } = await import("./nodes.ts");
  return resolveNodes(conf, folder);
}

interface Definition {
  readonly name: string | undefined;
  readonly conf: Conf;
  readonly errors: readonly ReynsError[];
}

async function readDefinition(
  place: ProjectPlace,
  env: Environment,
  given: string | undefined,
): Promise<Definition> {
  const confName = given?.replace(/\.conf$/, "");
  try {
    if (place.compose !== undefined) return await readComposeConf(place, env, confName);
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

async function readComposeConf(
  place: ProjectPlace,
  env: Environment,
  confName = "default",
): Promise<Definition> {
  if (confName !== "default")
    throw new ReynsError("UNKNOWN_CONF", `no conf "${confName}" in this project`, {
      hint: "a Compose file has the conf default alone; choose profiles with COMPOSE_PROFILES",
    });
  const { readComposeDefinition } = await import("./compose/definition.ts");
  return readComposeDefinition(place, env);
}

/** `reyns.ts` wins over `NAME.conf`, in the project's folder or beside its services; the default conf of DockerOps projects is `run.conf`. */
async function findConf(place: ProjectPlace, confName: string | undefined): Promise<Definition> {
  const script =
    place.script === undefined
      ? undefined
      : await (await import("./script/load.ts")).readScript(place.script);
  const scripted = script?.confs.get(confName ?? "default");
  const [name, scriptErrors] = [script?.name, script?.errors ?? []];
  if (scripted) return { name, conf: scripted, errors: scriptErrors };
  const defaults = place.dockerOps ? ["run", "default"] : ["default", "run"];
  for (const candidate of confName === undefined ? defaults : [confName]) {
    const file = findConfFile(place, candidate);
    if (!file) continue;
    const { readConfFile } = await import("./conf/read.ts");
    const { conf, errors } = readConfFile(file.path, candidate);
    return { name, conf, errors: [...scriptErrors, ...errors] };
  }
  const mayExist = script?.isComplete === false;
  if (confName === undefined || mayExist) return { name, conf: emptyConf, errors: scriptErrors };
  const accepted = [...(script?.confs.keys() ?? []), ...confNamesIn(place)];
  const hint = unknownConfHint(place.folder, confName, accepted);
  throw new ReynsError("UNKNOWN_CONF", `no conf "${confName}" in this project`, { hint });
}

function unknownConfHint(folder: string, name: string, accepted: readonly string[]): string {
  if (existsSync(join(folder, `${name}.conf`)))
    return `${name}.conf is not a conf: a conf is a list of instances in JSON`;
  return accepted.length === 0 ? missingDefinition(folder) : acceptedHint(name, new Set(accepted));
}

/** Orders errors of the same file from top to bottom; others keep their order. */
function comparePlaces({ at: a }: ReynsError, { at: b }: ReynsError): number {
  if (a === undefined || a.file !== b?.file) return 0;
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

/** Freezes the top levels; deeper ones are readonly by type. */
function freeze(project: Project): Project {
  for (const instance of project.conf.instances) Object.freeze(instance);
  Object.freeze(project.conf);
  return Object.freeze(project);
}
