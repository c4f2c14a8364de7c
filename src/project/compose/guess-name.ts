import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Environment } from "../../lib/environment.ts";
import { readTextIfPossible } from "../../lib/read-regular-file.ts";
import { toValidName } from "../../model/host-names.ts";
import { folderOfOrigin } from "../../model/resource-names.ts";
import type { ProjectPlace } from "../locate.ts";

/** What Compose makes of the name of a folder, in which it knows no other characters. */
function composeName(folder: string): string {
  const name = basename(folder).toLowerCase();
  return name.replaceAll(/[^a-z0-9_-]/g, "").replace(/^[_-]+/, "");
}

/** The name of a Compose project in the folder that it began in, unless something else names it. */
export function defaultComposeName({ origin }: Pick<ProjectPlace, "origin">): string {
  return composeName(folderOfOrigin(origin));
}

/**
 * Finds the project's name without reading its files as YAML: COMPOSE_PROJECT_NAME, `name:`, or that of its folder.
 *
 * @returns undefined if only reading them can tell
 */
export function guessComposeName(
  { compose = "", folder, origin }: Pick<ProjectPlace, "compose" | "folder" | "origin">,
  env: Environment,
): string | undefined {
  const dotenv = readTextIfPossible(join(folder, ".env"));
  const inDotenv = /^(?:export )?COMPOSE_PROJECT_NAME=["']?([\w-]+)/m.exec(dotenv)?.[1];
  const given = env["COMPOSE_PROJECT_NAME"] || inDotenv;
  if (given) return toValidName(given);
  // Files that these name may have names of their own.
  if (env["COMPOSE_FILE"] || /^(?:export )?COMPOSE_FILE=/m.test(dotenv)) return undefined;
  const texts = [compose, ...overridesOf(compose)].map((path) => readTextIfPossible(path));
  const named = texts.map((text) => /^name:\s*["']?([^"'\s#]*)/m.exec(text)?.[1]);
  const name = named.findLast((found) => found !== undefined);
  if (texts.some((text) => /^\s*\{/.test(text))) return undefined;
  if (name === undefined) return toValidName(defaultComposeName({ origin }));
  return /^[\w-]+$/.test(name) ? toValidName(name) : undefined;
}

function overridesOf(file: string): string[] {
  const stem = join(dirname(file), basename(file).replace(/\.ya?ml$/, ".override"));
  return [`${stem}.yaml`, `${stem}.yml`].filter((path) => existsSync(path));
}
