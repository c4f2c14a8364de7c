import { ReynsError } from "../errors.ts";
import { basename, dirname, join, resolve } from "node:path";
import { toValidName } from "../model/host-names.ts";
import type { Environment } from "../lib/environment.ts";

/** Where a project is and which file leads it; nothing of it is read yet. */
export interface ProjectPlace {
  readonly folder: string;
  /** `reyns.ts`, when there is one. */
  readonly script: string | undefined;
  readonly servicesFolder: string;
  /** A project of the oldest tool, with its own defaults. */
  readonly dockerOps: boolean;
}

const projectFiles = ["reyns.ts", "default.conf", "run.conf"];

/**
 * Finds the project from `start` upwards, like git; `PROJECT_DIR` overrides.
 *
 * @param calledAs the name by which the executable was called; "dockerops" stands for the oldest tool
 * @throws ReynsError NO_PROJECT
 */
export async function findProject(
  start: string,
  env: Environment,
  calledAs = "reyns",
): Promise<ProjectPlace> {
  const given = env["PROJECT_DIR"];
  const folder = given
    ? await givenFolder(resolve(start, given))
    : await findUpwards(await realPath(start));
  const script = join(folder, "reyns.ts");
  const hasScript = await isFile(script);
  return {
    folder,
    script: hasScript ? script : undefined,
    servicesFolder: resolveIn(folder, env["SERVICES_IMAGES_DIR"], "services"),
    dockerOps: calledAs === "dockerops" || (!hasScript && (await isDockerOps(folder))),
  };
}

/** Without a `reyns.ts`: its default conf is `run.conf`, and nothing newer leads the project. */
async function isDockerOps(folder: string): Promise<boolean> {
  return (await isFile(join(folder, "run.conf"))) && !(await isFile(join(folder, "default.conf")));
}

async function givenFolder(folder: string): Promise<string> {
  if (await isFolder(folder)) return realPath(folder);
  throw new ReynsError("NO_PROJECT", `PROJECT_DIR names a folder that is not there: ${folder}`);
}

async function findUpwards(start: string): Promise<string> {
  for (let folder = start; ; folder = dirname(folder)) {
    for (const file of projectFiles) if (await isFile(join(folder, file))) return folder;
    // A file of that name does not count: every machine has /etc/services.
    if (await isFolder(join(folder, "services"))) return folder;
    if (folder === dirname(folder)) break;
  }
  throw new ReynsError(
    "NO_PROJECT",
    `no project here: ${start} and the folders above have no ${projectFiles.join(", ")} or services/`,
    {
      hint: 'make one with "reyns create NAME", or get the demo with "reyns install_demo"; then call reyns from that folder',
    },
  );
}

// By Bun's own: people wait for lists, and `node:fs` takes one or two milliseconds to load.

function isFile(path: string): Promise<boolean> {
  return Bun.file(path).exists();
}

async function isFolder(path: string): Promise<boolean> {
  const found = await Bun.file(path)
    .stat()
    .catch(() => undefined);
  return found?.isDirectory() ?? false;
}

/** The working directory is one already. */
async function realPath(folder: string): Promise<string> {
  if (folder === process.cwd()) return folder;
  return process.getBuiltinModule("node:fs").realpathSync(folder);
}

/** Where a project's persistent folders are. The name that only running its definition could tell is guessed. */
export function dataFolderOf(
  { folder, name }: { readonly folder: string; readonly name: string | undefined },
  env: Environment,
): string {
  return resolveIn(folder, env["DATA_DIR"], `data_${name ?? toValidName(basename(folder))}`);
}

/** A path that is given may be absolute, or say where it is from the project's folder. */
function resolveIn(folder: string, given: string | undefined, usual: string): string {
  return given ? resolve(folder, given) : join(folder, usual);
}
