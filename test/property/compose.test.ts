// Damaged compose files: what comes of one is a project or errors for people, never anything else, and no key is lost.
import { expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";
import { stringify } from "yaml";
import { cases } from "../support/random.ts";
import { seed } from "../support/seed.ts";
import {
  anyText,
  changeAt,
  damages,
  fraction,
  inFolder,
  isMapping,
  lostKeys,
  parseOrNull,
  readText,
  type Tree,
  withKey,
} from "./support/damaged-compose.ts";

// Random tests take as long as the machine lets them.
setDefaultTimeout(240_000 + 20 * damages);

const options = { numRuns: cases(damages), seed };

/** Pieces that make another YAML of a file, or another Compose file. */
const pieces = fc.oneof(
  fc.constantFrom("", "\n", "\t", "- ", ": ", "{", "}", "[", "]", "&a ", "*a", "<<: *a"),
  fc.constantFrom("!reset ", "!override ", "${", "$$", "${A:?}", "'", '"', "|\n", "---\n", "null"),
  fc.constantFrom("1e999", "\u0000", "\uFEFF", "x-", "é"),
  fc.string({ maxLength: 5 }),
);

/** A change of the text: a piece is removed, doubled, or replaced. */
const changes = fc.array(fc.tuple(fraction, fc.integer({ min: 0, max: 30 }), pieces), {
  minLength: 1,
  maxLength: 6,
});

test("a damaged text ends in anything but a project or errors for people", () =>
  inFolder((folder) =>
    fc.assert(
      fc.asyncProperty(anyText, changes, async (text, all) => {
        const damaged = all.reduce((result, [where, length, piece]) => {
          const at = Math.floor(where * result.length);
          return result.slice(0, at) + piece + result.slice(at + length);
        }, text);
        const { errors } = await readText(folder, damaged);
        if (errors) expect(errors.length).toBeGreaterThan(0);
      }),
      options,
    ),
  ));

const wrongValues: fc.Arbitrary<Tree> = fc.constantFrom<Tree>(
  ...[null, true, 0, -1, 1.5, "", "text", "${X}", "1-0", "2001-01-01", 1e300],
  ...[[], [[]], [null], ["a", "a"], [{ target: "/a" }]],
  ...[{}, { a: null }, { "x-a": 1 }, { source: 1 }, { __proto__x: 1, constructor: {} }],
);

test("a value of another kind ends in anything but a project or errors, or loses a key", () =>
  inFolder((folder) =>
    fc.assert(
      fc.asyncProperty(anyText, fraction, wrongValues, async (text, where, value) => {
        const changed = changeAt(parseOrNull(text), where, () => value);
        await expectNothingLost(folder, changed);
      }),
      options,
    ),
  ));

const unknownKeys = fc.constantFrom(
  ...["imagee", "a", "Image", "depends-on", "port", "$x", "__proto__", "toString", "1"],
);

test("an unknown key is neither in the result nor in an error", () =>
  inFolder((folder) =>
    fc.assert(
      fc.asyncProperty(anyText, fraction, fraction, unknownKeys, (text, which, where, key) =>
        expectNothingLost(folder, withKey(oneService(parseOrNull(text), which), where, key)),
      ),
      options,
    ),
  ));

test("a key of a service that is accepted is not in the result", () =>
  inFolder((folder) =>
    fc.assert(
      fc.asyncProperty(anyText, fraction, (text, where) =>
        expectNothingLost(folder, oneService(parseOrNull(text), where)),
      ),
      options,
    ),
  ));

/** What a file of one project is refused for does not hide what another is accepted with. */
function oneService(tree: Tree, where: number): Tree {
  if (!isMapping(tree) || !isMapping(tree["services"] ?? null)) return tree;
  const services = Object.entries(tree["services"] as Record<string, Tree>);
  const chosen = services[Math.floor(where * services.length)];
  return { ...tree, services: Object.fromEntries(chosen ? [chosen] : []) };
}

/** Each key of a file that is accepted is in what is read; one that is not accepted says why. */
async function expectNothingLost(folder: string, tree: Tree): Promise<void> {
  const { errors, project } = await readText(folder, stringify(tree));
  if (errors) expect(errors.length).toBeGreaterThan(0);
  else expect(lostKeys(tree, project.file)).toEqual([]);
}
