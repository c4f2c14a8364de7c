import { lstatSync, readdirSync, realpathSync, statSync, type Stats } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ReynsError } from "../errors.ts";
import type { Environment } from "../lib/environment.ts";
import { readTextIfPossible } from "../lib/read-regular-file.ts";
import { shellQuote } from "../lib/shell-quote.ts";
import { copiesFolder, copyDataFolder, privateFolder } from "../model/resource-names.ts";
import { asCopy, selectedCopy } from "./copies.ts";
import { composeFileNames, isConf, isDockerOpsProject } from "./conf/files.ts";
import { defaultNameOf, resolveOrigin, type ProjectOrigin } from "./origin.ts";

/** The folder of a project and its main file; its definition is not read yet. */
export interface ProjectPlace extends Pick<ProjectOrigin, "origin" | "movedFrom"> {
  readonly folder: string;
  /** Path of `reyns.ts`, if there is one. */
  readonly script: string | undefined;
  readonly servicesFolder: string;
  /** Path of Compose's file, where that is the definition; then there is no `reyns.ts` and no `.conf`. */
  readonly compose?: string | undefined;
  /** A project of DockerOps, with its own defaults. */
  readonly dockerOps: boolean;
}

const projectFiles = ["reyns.ts", "default.conf", "run.conf"];

/** The file of Docker Compose in a folder, if it has one. */
export function findComposeFile(folder: string): string | undefined {
  return composeFileNames.find((name) => isFile(join(folder, name))) ?? fileInDotenv(folder);
}

/** `COMPOSE_FILE` of a folder's `.env` names files with other names. */
function fileInDotenv(folder: string): string | undefined {
  const text = readTextIfPossible(join(folder, ".env"));
  const valueOf = (name: string): string =>
    new RegExp(`^(?:export )?${name}=["']?([^"'\\n]+)`, "m").exec(text)?.[1]?.trim() ?? "";
  const first = firstFile(valueOf("COMPOSE_FILE"), valueOf("COMPOSE_PATH_SEPARATOR"));
  return first !== "" && isFile(resolve(folder, first)) ? first : undefined;
}

function firstFile(files: string, separator = ""): string {
  return files.split(separator || ":", 1)[0] ?? "";
}

/**
 * Finds the project in `start` or the nearest folder above it, like git; `PROJECT_DIR` overrides. `REYNS_COPY`, to which
 * the argument `copy=` is put, makes it the place of a copy.
 *
 * @param calledAs the name that the executable was called by: "dockerops" selects the defaults of DockerOps
 * @throws ReynsError NO_PROJECT, INVALID_VALUE for an invalid name of a copy
 */
export async function findProject(
  start: string,
  env: Environment,
  calledAs = "reyns",
): Promise<ProjectPlace> {
  const given = env["PROJECT_DIR"];
  const folder = given ? checkFolder(resolve(start, given)) : findUpwards(realpathSync(start), env);
  checkOwnFolder(join(folder, privateFolder));
  const script = join(folder, "reyns.ts");
  const hasScript = isFile(script);
  const compose = findComposeDefinition(folder, env);
  const servicesFolder = resolveIn(folder, env["SERVICES_IMAGES_DIR"], "services");
  const { origin, movedFrom } = resolveOrigin(folder, env);
  const place = {
    folder,
    origin,
    movedFrom,
    script: hasScript ? script : undefined,
    servicesFolder,
    compose,
    dockerOps:
      compose === undefined &&
      (calledAs === "dockerops" || (!hasScript && isDockerOpsProject({ folder, servicesFolder }))),
  };
  const copy = selectedCopy(env);
  if (copy === undefined) return place;
  for (const path of [copiesFolder(folder), join(copiesFolder(folder), copy)]) checkOwnFolder(path);
  return asCopy(place, copy);
}

/**
 * Keys are in it. A link in a folder from elsewhere could lead to the user's own, and have them overwritten.
 *
 * @throws ReynsError INVALID_PROJECT
 */
export function checkOwnFolder(path: string): void {
  const stats = statIfPresent(path, lstatSync);
  if (stats === undefined || stats.isDirectory()) return;
  const what = stats.isSymbolicLink() ? "a symbolic link, not a folder" : "not a folder";
  const hint = `move it away, or remove it: rm ${shellQuote(path)}`;
  throw new ReynsError("INVALID_PROJECT", `${path} is ${what}`, { hint });
}

function checkFolder(folder: string): string {
  if (isFolder(folder)) return realpathSync(folder);
  throw new ReynsError("NO_PROJECT", `PROJECT_DIR is not a folder: ${folder}`);
}

/** Compose's file is the definition where nothing else is; a conf of nginx is often called default.conf, too. */
function findComposeDefinition(folder: string, env: Environment): string | undefined {
  const named = firstFile(env["COMPOSE_FILE"] ?? "", env["COMPOSE_PATH_SEPARATOR"]);
  const found = named || findComposeFile(folder);
  if (found === undefined || findOwnFile(folder) !== undefined) return undefined;
  return resolve(folder, found);
}

/** The file of a folder that makes it a project of Reyns. */
function findOwnFile(folder: string): string | undefined {
  return projectFiles.find((file) => isFile(join(folder, file)) && isOwnFile(folder, file));
}

function isOwnFile(folder: string, file: string): boolean {
  if (!file.endsWith(".conf") || findComposeFile(folder) === undefined) return true;
  return isConf(join(folder, file));
}

function findUpwards(start: string, env: Environment): string {
  for (let folder = start; ; folder = dirname(folder)) {
    const own = findOwnFile(folder);
    const file = own ?? findComposeFile(folder);
    if (file !== undefined) checkOwner(join(folder, file), start);
    if (own !== undefined) return isServicesFolder(folder) ? dirname(folder) : folder;
    if (file !== undefined) return folder;
    // Only a folder counts: every machine has the file /etc/services.
    if (isFolder(join(folder, "services"))) return folder;
    if (folder === dirname(folder)) break;
  }
  if (env["COMPOSE_FILE"]) return start;
  const message = `no project here: ${start} and the folders above it have none of ${projectFiles.join(", ")}, compose.yaml, services/`;
  const hint =
    'create one with "reyns create NAME" or, in this folder, "reyns create ."; or get the demo with "reyns install_demo" and call reyns in its folder';
  throw new ReynsError("NO_PROJECT", message, { hint });
}

/**
 * Refuses a project file that somebody else has put into a folder above to which everybody may write, such as /tmp: it
 * would run as this user.
 *
 * @throws ReynsError NO_PROJECT
 */
function checkOwner(path: string, start: string): void {
  const folder = dirname(path);
  const owner = statIfPresent(path)?.uid;
  if (folder === start || owner === process.geteuid?.()) return;
  const isPublic = ((statIfPresent(folder)?.mode ?? 0) & 0o002) !== 0;
  if (!isPublic) return;
  const message = `${path} belongs to another user, in a folder that everybody may write to`;
  const hint = `to use that project, call reyns in its folder, or set PROJECT_DIR=${shellQuote(folder)}`;
  throw new ReynsError("NO_PROJECT", message, { hint });
}

/** The oldest projects have their confs there; the project itself is above. */
function isServicesFolder(folder: string): boolean {
  if (basename(folder) !== "services" || isFile(join(folder, "reyns.ts"))) return false;
  const hasBuild = readdirSync(folder).some((name) => isFile(join(folder, name, "Dockerfile")));
  return hasBuild && !isFolder(join(folder, "services"));
}

function isFile(path: string): boolean {
  return statIfPresent(path)?.isFile() ?? false;
}

function isFolder(path: string): boolean {
  return statIfPresent(path)?.isDirectory() ?? false;
}

function statIfPresent(path: string, read: typeof lstatSync = statSync): Stats | undefined {
  try {
    return read(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Names the nodes that a call is about, separated by commas. */
export const nodeVariable = "REYNS_NODE";

/** `true` or `false` in a call that changes something: whether it goes on without nodes that do not answer. */
export const partialVariable = "REYNS_PARTIAL";

/** Whether `host.conf` may name machines: few do, and what reads them is loaded only then. */
export function mayNameNodes(folder: string): boolean {
  return readTextIfPossible(join(folder, "host.conf")).includes('"nodes"');
}

/** Whether a project may have machines of its own, without running its definition. */
export function mayHaveNodes({ folder, script }: Pick<ProjectPlace, "folder" | "script">): boolean {
  const text = script === undefined ? "" : readTextIfPossible(script);
  return /\bnode\s*(?:\(|as\b)/.test(text) || mayNameNodes(folder);
}

type Located = Pick<ProjectPlace, "folder" | "origin">;

/** The folder of a project's persistent data, or of a copy's. An unknown project name is guessed from its origin. */
export function dataFolderOf(
  { folder, origin, name }: Located & { readonly name: string | undefined },
  env: Environment,
): string {
  const main = resolveIn(folder, env["DATA_DIR"], `data_${name ?? defaultNameOf({ origin })}`);
  return copyDataFolder(main, origin);
}

/** A given path may be absolute, or relative to the project's folder. */
function resolveIn(folder: string, given: string | undefined, fallback: string): string {
  return given ? resolve(folder, given) : join(folder, fallback);
}
