// Damaged compose files: reading one gives a project or errors for people, never anything else, and no key is lost.
import { expect, setDefaultTimeout, test } from "bun:test";
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
import { parse, stringify } from "yaml";
import { ReynsErrors, type ReynsError } from "../../src/errors.ts";
import type { ComposeProject } from "../../src/project/compose/compose-project.ts";
import { readCompose } from "../../src/project/compose/read.ts";
import { composeFixtures } from "../support/compose-fixtures.ts";
import { seed } from "../support/seed.ts";

// Random tests take as long as the machine lets them.
setDefaultTimeout(240_000);

const texts = readdirSync(composeFixtures, { recursive: true })
  .map(String)
  .filter((name) => /\.ya?ml$/.test(name))
  .toSorted()
  .map((name) => readFileSync(join(composeFixtures, name), "utf8"));

type Outcome = { readonly project: ComposeProject } | { readonly errors: readonly ReynsError[] };

/** Anything that is thrown besides errors for people fails the test. */
function readText(folder: string, text: string): Outcome {
  writeFileSync(join(folder, "compose.yaml"), text);
  try {
    return { project: readCompose(folder, { HOME: folder }) };
  } catch (error) {
    if (error instanceof ReynsErrors) return { errors: error.errors };
    throw error;
  }
}

function inFolder(work: (folder: string) => void): void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "reyns-compose-")));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const anyText = fc.constantFrom(...texts);
const fraction = fc.double({ min: 0, max: 1, noNaN: true });

/** A change of the text: a piece is removed, doubled, or replaced. */
const damages = fc.array(
  fc.tuple(
    fraction,
    fc.integer({ min: 0, max: 30 }),
    fc.oneof(
      fc.constantFrom(
        "",
        "\n",
        "\t",
        "- ",
        ": ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "<<: *a",
        "!reset ",
        "!override ",
        "${",
        "$$",
        "${A:?}",
        "'",
        '"',
        "|\n",
        "---\n",
        "null",
        "1e999",
        "\u0000",
        "\uFEFF",
        "x-",
        "é",
      ),
      fc.string({ maxLength: 5 }),
    ),
  ),
  { minLength: 1, maxLength: 6 },
);

test("a damaged text gives a project or errors for people", () => {
  inFolder((folder) => {
    fc.assert(
      fc.property(anyText, damages, (text, changes) => {
        const damaged = changes.reduce((result, [where, length, piece]) => {
          const at = Math.floor(where * result.length);
          return result.slice(0, at) + piece + result.slice(at + length);
        }, text);
        const outcome = readText(folder, damaged);
        if ("errors" in outcome) expect(outcome.errors.length).toBeGreaterThan(0);
      }),
      { numRuns: 500, seed },
    );
  });
});

type Tree = null | boolean | number | string | Tree[] | { [key: string]: Tree };

/** Replaces a value somewhere in a file by one of another kind. */
function exchange(tree: Tree, where: number, value: Tree): Tree {
  if (Array.isArray(tree) && tree.length > 0) {
    const index = Math.floor(where * tree.length);
    const rest = where * tree.length - index;
    return tree.map((entry, at) => (at === index ? exchange(entry, rest, value) : entry));
  }
  if (typeof tree !== "object" || tree === null || Object.keys(tree).length === 0) return value;
  const keys = Object.keys(tree);
  const index = Math.floor(where * keys.length);
  const rest = where * keys.length - index;
  // Sometimes the whole of it.
  if (rest > 0.95) return value;
  return Object.fromEntries(
    Object.entries(tree).map(([key, entry], at) => [
      key,
      at === index ? exchange(entry, rest, value) : entry,
    ]),
  ) as Tree;
}

const wrongValues: fc.Arbitrary<Tree> = fc.constantFrom<Tree>(
  null,
  true,
  0,
  -1,
  1.5,
  "",
  "text",
  "${X}",
  "1-0",
  [],
  [[]],
  [null],
  ["a", "a"],
  {},
  { a: null },
  { "x-a": 1 },
  { source: 1 },
  [{ target: "/a" }],
  "2001-01-01",
  1e300,
  { __proto__x: 1, constructor: {} },
);

test("a value of another kind gives a project or errors for people", () => {
  inFolder((folder) => {
    fc.assert(
      fc.property(anyText, fraction, wrongValues, (text, where, value) => {
        const tree = parseOrNull(text);
        readText(folder, stringify(exchange(tree, where, value)));
      }),
      { numRuns: 500, seed },
    );
  });
});

/** Fixtures of several documents or with tags are read as far as this parser can. */
function parseOrNull(text: string): Tree {
  try {
    return parse(text, { merge: true, logLevel: "silent" }) as Tree;
  } catch {
    return null;
  }
}

const unknownKeys = fc.constantFrom(
  "imagee",
  "a",
  "Image",
  "depends-on",
  "port",
  "$x",
  "__proto__",
  "toString",
);

test("a key is in the result or in an error", () => {
  inFolder((folder) => {
    fc.assert(
      fc.property(anyText, fraction, unknownKeys, (text, where, unknown) => {
        const tree = parseOrNull(text);
        const services = (tree as { services?: Record<string, Tree> } | null)?.services ?? {};
        const names = Object.keys(services);
        const name = names[Math.floor(where * names.length)];
        const service = services[name ?? ""];
        if (name === undefined || typeof service !== "object" || service === null) return;
        const lines = stringify({ services: { [name]: service } });
        const outcome = readText(folder, lines.replace(/^( {4}\S)/m, `    ${unknown}: 1\n$1`));
        if (!("errors" in outcome)) throw new Error(`"${unknown}" is lost:\n${lines}`);
        expect(outcome.errors.some(({ message }) => message.includes(`"${unknown}"`))).toBe(true);
      }),
      { numRuns: 200, seed },
    );
  });
});

test("the keys of a service that is accepted are in the result", () => {
  inFolder((folder) => {
    fc.assert(
      fc.property(anyText, fraction, (text, where) => {
        const services = (parseOrNull(text) as { services?: Record<string, Tree> } | null)
          ?.services;
        const names = Object.keys(services ?? {});
        const name = names[Math.floor(where * names.length)] ?? "";
        const outcome = readText(
          folder,
          stringify({ services: { [name]: services?.[name] ?? null } }),
        );
        if ("errors" in outcome) return;
        const read = outcome.project.file.services[name] ?? {};
        const lost = Object.entries(services?.[name] ?? {}).filter(
          ([key, value]) => !key.startsWith("x-") && !(key in read) && !isZero(value as Tree),
        );
        // Both are carried out, and nothing is left of them.
        expect(lost.map(([key]) => key).filter((key) => key !== "extends")).toEqual([]);
      }),
      { numRuns: 200, seed },
    );
  });
});

/** What is the same as nothing. */
function isZero(value: Tree): boolean {
  if (value === null || value === "" || value === 0) return true;
  if (typeof value === "string")
    return ["false", "no", "off", "n", "0"].includes(value.toLowerCase());
  return value === false || (typeof value === "object" && Object.keys(value).length === 0);
}
