import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Environment } from "../../lib/environment.ts";
import type { Lookup } from "../../lib/interpolate.ts";
import { withDotenvFiles, type Variables } from "./dotenv-files.ts";
import type { ComposeReport } from "./report.ts";

/** The names of Compose's files, the preferred ones first. */
const composeFileNames = [
  "compose.yaml",
  "compose.yml",
  "docker-compose.yml",
  "docker-compose.yaml",
] as const;

const overrideNames = [
  "compose.override.yml",
  "compose.override.yaml",
  "docker-compose.override.yml",
  "docker-compose.override.yaml",
];

/** Names the project directory where it is not the folder of the first file. */
export const composeFolderVariable = "REYNS_COMPOSE_FOLDER";

export interface FoundFiles extends Variables {
  /** Absolute paths, the main file first; none if there is none. */
  readonly files: readonly string[];
  /** The project directory: that of the first file, unless the call names another one. */
  readonly folder: string;
}

/**
 * Finds the compose files of a folder by COMPOSE_FILE or their names, and the variables that they are read with: the
 * caller's, then those of `.env`.
 */
export function findFiles(
  start: string,
  env: Environment,
  report: ComposeReport,
  given: readonly string[] = [],
): FoundFiles {
  const caller: Lookup = (name) => (Object.hasOwn(env, name) ? env[name] : undefined);
  const own = withDotenv(start, { lookup: caller, lineOf: () => undefined }, report);
  const files =
    given.length > 0
      ? given.map((file) => resolve(start, file))
      : (namedFiles(start, own.lookup) ?? standardFiles(start));
  const named = given.length > 0 ? undefined : env[composeFolderVariable];
  const folder = named ?? (files[0] === undefined ? start : dirname(files[0]));
  return { files, folder, ...(folder === start ? own : withDotenv(folder, own, report)) };
}

function namedFiles(start: string, lookup: Lookup): readonly string[] | undefined {
  const named = lookup("COMPOSE_FILE");
  const separator = lookup("COMPOSE_PATH_SEPARATOR") || ":";
  return named === undefined || named === ""
    ? undefined
    : named.split(separator).map((file) => resolve(start, file));
}

/** A standard file and its override. */
function standardFiles(folder: string): readonly string[] {
  const first = (names: readonly string[]): string[] =>
    names
      .map((name) => join(folder, name))
      .filter((file) => existsSync(file))
      .slice(0, 1);
  const main = first(composeFileNames);
  return main.length === 0 ? [] : [...main, ...first(overrideNames)];
}

/** Adds the variables of the env files that COMPOSE_ENV_FILES names, or of `.env`. */
function withDotenv(folder: string, before: Variables, report: ComposeReport): Variables {
  const { lookup } = before;
  const named = lookup("COMPOSE_ENV_FILES");
  const standard = join(folder, ".env");
  const isOff = ["1", "t", "true"].includes(
    lookup("COMPOSE_DISABLE_ENV_FILE")?.toLowerCase() ?? "",
  );
  const isThere = !isOff && existsSync(standard) && statSync(standard).isFile();
  const files = named
    ? named.split(",").map((file) => resolve(folder, file))
    : [standard].filter(() => isThere);
  const [file = standard] = files;
  return withDotenvFiles(before, files, report, { file });
}
