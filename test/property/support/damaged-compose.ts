// The compose files of the fixtures, damaged in many ways, and what becomes of them.
import * as fc from "fast-check";
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { ReynsErrors, type ReynsError } from "../../../src/errors.ts";
import type { ComposeProject } from "../../../src/project/compose/compose-project.ts";
import { mapProject } from "../../../src/project/compose/mapping/map-project.ts";
import { toConf } from "../../../src/project/compose/mapping/to-conf.ts";
import { convertCompose } from "../../../src/project/compose/print/convert.ts";
import { readCompose } from "../../../src/project/compose/read.ts";
import { composeFixtures } from "../../support/compose-fixtures.ts";

/** How many files each of the four properties damages: `COMPOSE_DAMAGES=10000 bun test test/property/compose.test.ts`. */
export const damages = Math.ceil(Number(process.env["COMPOSE_DAMAGES"] ?? 2000) / 4);

const texts = readdirSync(composeFixtures, { recursive: true })
  .map(String)
  .filter((name) => /\.ya?ml$/.test(name))
  .toSorted()
  .map((name) => readFileSync(join(composeFixtures, name), "utf8"));

export const anyText = fc.constantFrom(...texts);
export const fraction = fc.double({ min: 0, max: 1, noNaN: true });

type Outcome =
  | { readonly project: ComposeProject; readonly errors?: undefined }
  | { readonly project?: undefined; readonly errors: readonly ReynsError[] };

/** Reads a file, maps and converts it. Anything that is thrown besides errors for people fails the test. */
export async function readText(folder: string, text: string): Promise<Outcome> {
  writeFileSync(join(folder, "compose.yaml"), text);
  try {
    const project = readCompose(folder, { HOME: folder });
    const mapped = mapProject(project);
    const { errors } = await toConf(project, mapped);
    const all = [...mapped.errors, ...errors];
    if (all.length > 0) return { errors: all };
    convertCompose(project, mapped, undefined);
    return { project };
  } catch (error) {
    if (error instanceof ReynsErrors) return { errors: error.errors };
    throw error;
  }
}

export async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "reyns-compose-")));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export type Tree = null | boolean | number | string | Tree[] | { [key: string]: Tree };

/** Fixtures of several documents or with tags are read as far as this parser can. */
export function parseOrNull(text: string): Tree {
  try {
    return parse(text, { merge: true, logLevel: "silent" }) as Tree;
  } catch {
    return null;
  }
}

export function isMapping(tree: Tree): tree is { [key: string]: Tree } {
  return typeof tree === "object" && tree !== null && !Array.isArray(tree);
}

/** A copy with another key in one of its mappings. */
export function withKey(tree: Tree, where: number, key: string): Tree {
  const copy = structuredClone(tree);
  const mappings = mappingsIn(copy);
  const chosen = mappings[Math.floor(where * mappings.length)];
  // `__proto__` is a key like any other.
  if (chosen) Object.defineProperty(chosen, key, { value: "1", enumerable: true });
  return copy;
}

function mappingsIn(tree: Tree): { [key: string]: Tree }[] {
  if (typeof tree !== "object" || tree === null) return [];
  const inner = Object.entries(tree).flatMap(([key, part]) =>
    key.startsWith("x-") ? [] : mappingsIn(part),
  );
  return isMapping(tree) ? [tree, ...inner] : inner;
}

/** Changes a mapping or a value somewhere in a file. */
export function changeAt(tree: Tree, where: number, change: (part: Tree) => Tree): Tree {
  if (typeof tree !== "object" || tree === null || Object.keys(tree).length === 0)
    return change(tree);
  const keys = Object.keys(tree);
  const index = Math.min(Math.floor(where * keys.length), keys.length - 1);
  const rest = where * keys.length - index;
  // Sometimes the whole of it.
  if (rest > 0.95) return change(tree);
  const entries = Object.entries(tree).map(
    ([key, part], at) => [key, at === index ? changeAt(part, rest, change) : part] as const,
  );
  return Array.isArray(tree) ? entries.map(([, part]) => part) : Object.fromEntries(entries);
}

/** The keys of a file that are not in what has been read: "services.web.imagee". */
export function lostKeys(given: Tree, read: unknown, path: readonly string[] = []): string[] {
  if (typeof given !== "object" || given === null) return [];
  if (Array.isArray(given)) {
    const items: readonly unknown[] = Array.isArray(read) ? read : [];
    // Items are merged by their keys, and need not be in their places.
    return given.flatMap((item) => {
      const lost = items.map((other) => lostKeys(item, other, path));
      return lost.find((keys) => keys.length === 0) ?? lost[0] ?? lostKeys(item, {}, path);
    });
  }
  return Object.entries(given).flatMap(([key, part]) => {
    const here = [...path, key];
    if (key.startsWith("x-") || isNothing(part) || isCarriedOut(here)) return [];
    if (typeof read !== "object" || read === null || !Object.hasOwn(read, key))
      return [here.join(".")];
    return lostKeys(part, (read as Readonly<Record<string, unknown>>)[key], here);
  });
}

/** What is in the result in another form: a part of it, or a text. */
function isCarriedOut(path: readonly string[]): boolean {
  const [section, , field, key] = path;
  if (path.length === 1) return section === "version" || section === "include";
  if (section === "services")
    return field === "extends" || (field === "extra_hosts" && key !== undefined);
  return path.length === 4 && field === "external" && key === "name";
}

/** What is the same as no value; a variable that is not set is one, with a warning. */
function isNothing(value: Tree): boolean {
  if (value === null || value === "" || value === 0 || value === false) return true;
  if (typeof value === "string")
    return ["false", "no", "off", "n", "0", "0s", "${x}"].includes(value.toLowerCase());
  return typeof value === "object" && Object.keys(value).length === 0;
}
