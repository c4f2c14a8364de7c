// What a command loads before it does anything is what everybody waits for, each time: counted, as clocks vary.
import { expect, test } from "bun:test";
import { dirname, join, resolve } from "node:path";

const root = join(import.meta.dir, "../..");
const scanner = new Bun.Transpiler({ loader: "ts" });

interface Loaded {
  readonly own: readonly string[];
  readonly foreign: readonly string[];
  /** Modules of Bun and Node.js: one that loads their streams takes as long as the rest of the start. */
  readonly builtIn: readonly string[];
}

/** Every file that the given ones import statically, and what those import. */
async function loadedBy(...files: readonly string[]): Promise<Loaded> {
  const [own, foreign, builtIn] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const visit = async (file: string): Promise<void> => {
    if (own.has(file)) return;
    own.add(file);
    for (const { kind, path } of scanner.scanImports(await Bun.file(file).text())) {
      if (kind !== "import-statement") continue;
      if (path.endsWith(".json")) continue;
      if (path.startsWith(".")) await visit(resolve(dirname(file), path));
      else (/^(node|bun):/.test(path) ? builtIn : foreign).add(path);
    }
  };
  for (const file of files) await visit(join(root, "src", file));
  return { own: [...own], foreign: [...foreign].toSorted(), builtIn: [...builtIn].toSorted() };
}

type Start = readonly [
  name: string,
  files: readonly string[],
  most: number,
  foreign: readonly string[],
  builtIn: readonly string[],
];

/** At most so many files of ours, and exactly these of others. The build replaces citty by the one function needed. */
const starts: readonly Start[] = [
  ["version", ["cli/commands/version.ts"], 27, ["citty", "fastest-levenshtein"], ["node:fs"]],
  ["help", ["cli/commands/help.ts"], 35, ["citty", "fastest-levenshtein"], ["node:fs"]],
  [
    "ps",
    ["cli/commands/ps.ts"],
    91,
    ["citty", "consola/core", "fastest-levenshtein"],
    ["node:fs", "node:os", "node:path"],
  ],
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
    [
      "bun:ffi",
      "node:async_hooks",
      "node:fs",
      "node:os",
      "node:path",
      "node:path/posix",
      "node:timers/promises",
    ],
  ],
];

for (const [name, files, most, packages, modules] of starts)
  test(`${name} loads little`, async () => {
    const { own, foreign, builtIn } = await loadedBy("main.ts", ...files);
    expect(foreign).toEqual([...packages]);
    expect(builtIn).toEqual([...modules]);
    expect(own.length).toBeLessThanOrEqual(most);
  });
