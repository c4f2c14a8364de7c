// What a command loads before it does anything is what everybody waits for, each time: counted, as clocks vary.
import { expect, test } from "bun:test";
import { dirname, join, resolve } from "node:path";

const root = join(import.meta.dir, "../..");
const scanner = new Bun.Transpiler({ loader: "ts" });

/** Every file that the given ones import statically, and the packages that those import. */
async function loadedBy(
  ...files: readonly string[]
): Promise<{ own: string[]; foreign: string[] }> {
  const [own, foreign] = [new Set<string>(), new Set<string>()];
  const visit = async (file: string): Promise<void> => {
    if (own.has(file)) return;
    own.add(file);
    for (const { kind, path } of scanner.scanImports(await Bun.file(file).text())) {
      if (kind !== "import-statement") continue;
      if (path.endsWith(".json")) continue;
      if (path.startsWith(".")) await visit(resolve(dirname(file), path));
      else if (!/^(node|bun):/.test(path)) foreign.add(path);
    }
  };
  for (const file of files) await visit(join(root, "src", file));
  return { own: [...own], foreign: [...foreign].toSorted() };
}

/** At most so many files of ours, and exactly these of others. */
const starts: readonly (readonly [string, readonly string[], number, readonly string[]])[] = [
  ["version", ["cli/commands/version.ts"], 27, ["citty", "fastest-levenshtein"]],
  ["help", ["cli/commands/help.ts"], 35, ["citty", "fastest-levenshtein"]],
  ["ps", ["cli/commands/ps.ts"], 91, ["citty", "consola/core", "fastest-levenshtein"]],
  [
    "run where nothing is to be done",
    ["cli/commands/run/index.ts", "project/script/load.ts"],
    260,
    [
      "citty",
      "consola/core",
      "fastest-levenshtein",
      "ipaddr.js",
      "jsonc-parser",
      "string-argv",
      "valibot",
    ],
  ],
];

for (const [name, files, most, packages] of starts)
  test(`${name} loads little`, async () => {
    const { own, foreign } = await loadedBy("main.ts", ...files);
    expect(foreign).toEqual([...packages]);
    expect(own.length).toBeLessThanOrEqual(most);
  });
