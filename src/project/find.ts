import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ReynsError } from "../errors.ts";
import { validName } from "./names.ts";

/** Where a project is and which file leads it; nothing of it is read yet. */
export interface ProjectPlace {
  readonly folder: string;
  /** `reyns.ts`, when there is one. */
  readonly script: string | undefined;
  readonly servicesFolder: string;
  /** A project of the oldest tool, with its own defaults. */
  readonly dockerOps: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const files = ["reyns.ts", "default.conf", "run.conf"];

/**
 * Finds the project from `start` upwards, like git; `PROJECT_DIR` overrides.
 *
 * @param calledAs the name by which the executable was called; "dockerops" stands for the oldest tool
 * @throws ReynsError NO_PROJECT
 */
export function findProject(start: string, env: Environment, calledAs = "reyns"): ProjectPlace {
  const given = env["PROJECT_DIR"];
  const folder = given ? givenFolder(resolve(start, given)) : searchUpwards(realpathSync(start));
  const script = join(folder, "reyns.ts");
  return {
    folder,
    script: existsSync(script) ? script : undefined,
    servicesFolder: resolve(folder, env["SERVICES_IMAGES_DIR"] || "services"),
    dockerOps: calledAs === "dockerops" || isDockerOps(folder),
  };
}

/** Its default conf is `run.conf`, and nothing newer leads the project. */
function isDockerOps(folder: string): boolean {
  const has = (file: string): boolean => existsSync(join(folder, file));
  return has("run.conf") && !has("default.conf") && !has("reyns.ts");
}

function givenFolder(folder: string): string {
  if (isFolder(folder)) return realpathSync(folder);
  throw new ReynsError("NO_PROJECT", `PROJECT_DIR names a folder that is not there: ${folder}`);
}

function searchUpwards(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (files.some((file) => existsSync(join(folder, file)))) return folder;
    // A file of that name does not count: every machine has /etc/services.
    if (isFolder(join(folder, "services"))) return folder;
    if (folder === dirname(folder)) break;
  }
  throw new ReynsError(
    "NO_PROJECT",
    `no project here: ${start} and the folders above have no ${files.join(", ")} or services/`,
    {
      hint: 'make one with "reyns create NAME", or get the demo with "reyns install_demo"; then call reyns from that folder',
    },
  );
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Where a project's persistent folders are. The name that only running its definition could tell is guessed. */
export function dataFolderOf(
  { folder, name }: { readonly folder: string; readonly name: string | undefined },
  env: Environment,
): string {
  return resolve(folder, env["DATA_DIR"] || `data_${name ?? validName(basename(folder))}`);
}
