// What a command loads before it does anything is what everybody waits for, each time: counted, as clocks vary.
import { expect, test } from "bun:test";
import { dirname, join, resolve } from "node:path";

const root = join(import.meta.dir, "../..");
const scanner = new Bun.Transpiler({ loader: "ts" });

/** Every file that the given ones import statically, and what they take from elsewhere. */
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
      else foreign.add(path);
    }
  };
  for (const file of files) await visit(join(root, "src", file));
  return { own: [...own], foreign: [...foreign].toSorted() };
}

/** At most so many files of ours, and exactly these of others. */
const commands: readonly (readonly [string, number, readonly string[]])[] = [
  ["version", 19, ["citty", "fastest-levenshtein", "node:fs"]],
  ["help", 28, ["citty", "fastest-levenshtein", "node:fs", "node:util"]],
  [
    "ps",
    62,
    [
      "citty",
      "consola/core",
      "fastest-levenshtein",
      "node:fs",
      "node:os",
      "node:path",
      "node:util",
    ],
  ],
];

for (const [command, most, packages] of commands)
  test(`${command} loads little`, async () => {
    const { own, foreign } = await loadedBy("main.ts", `commands/${command}.ts`);
    expect(foreign).toEqual([...packages]);
    expect(own.length).toBeLessThanOrEqual(most);
  });
