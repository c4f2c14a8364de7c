import { readdirSync } from "node:fs";
import { join } from "node:path";
import { hostConfFile } from "../../model/resource-names.ts";
import { readRegularFile } from "../../lib/read-regular-file.ts";

/** Where a project's confs may be. */
export interface ConfFolders {
  readonly folder: string;
  /** The oldest projects have their confs beside their services. */
  readonly servicesFolder: string;
  /** Compose's file, where that is the definition: what else ends in `.conf` belongs to others. */
  readonly compose?: string | undefined;
}

export interface ConfFile {
  readonly name: string;
  readonly path: string;
}

/**
 * The confs of a project; one in the project's folder hides one of the same name in the services folder. `host.conf` holds
 * values of the host instead. Folders that cannot be read have none.
 */
export function listConfFiles({ folder, servicesFolder, compose }: ConfFolders): ConfFile[] {
  if (compose !== undefined) return [];
  const files = [folder, servicesFolder].flatMap((parent) => {
    const names = namesIn(parent);
    const isShared = names.some((name) => otherDefinitions.has(name));
    return names
      .filter((file) => file.endsWith(".conf") && file !== hostConfFile)
      .map((file) => ({ name: file.slice(0, -".conf".length), path: join(parent, file) }))
      .filter(({ path }) => !isShared || isConf(path));
  });
  return files.filter(({ name }, index) => files.findIndex((file) => file.name === name) === index);
}

/** The standard names of Compose's files, the preferred ones first. */
export const composeFileNames: readonly string[] = [
  "compose.yaml",
  "compose.yml",
  "docker-compose.yaml",
  "docker-compose.yml",
];

/** Beside these, only what looks like a conf is one: other files may be those of nginx or another program. */
const otherDefinitions: ReadonlySet<string> = new Set(["reyns.ts", ...composeFileNames]);

/** Whether a file is a list in JSON with comments. */
export function isConf(path: string): boolean {
  return /^(?:\s|(?:#|\/\/)[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)*\[\s*(?:[\]{[#"]|\/[/*]|$)/.test(
    textOf(path),
  );
}

/** Whether a file is neither JSON nor meant to be: it begins with a word, a section, or a comment of another format. */
export function isOfAnotherProgram(path: string): boolean {
  return /^(?:\s|(?:#|\/\/)[^\n]*(?:\n|$))*(?:[^\s#/[{"]|\/[^/*]|\[[a-z][^\]\n"]*\][ \t\r]*\n)/i.test(
    textOf(path),
  );
}

function textOf(path: string): string {
  try {
    return readRegularFile(path).toString();
  } catch {
    return "";
  }
}

/** @returns undefined if the project has no file for this conf */
export function findConfFile(place: ConfFolders, name: string): ConfFile | undefined {
  return listConfFiles(place).find((file) => file.name === name);
}

export function confNamesIn(place: ConfFolders): string[] {
  return listConfFiles(place).map(({ name }) => name);
}

/** Without a `reyns.ts`, a project with a `run.conf` and no `default.conf` is one of DockerOps. */
export function isDockerOpsProject(place: ConfFolders): boolean {
  const names = confNamesIn(place);
  return names.includes("run") && !names.includes("default");
}

/** What is in a folder; nothing where there is none, or none that can be read. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
