import { describe, expect, test } from "bun:test";
import { dirname, join, resolve } from "node:path";
import table from "../../dist/commands.json" with { type: "json" };
import { formatCandidates } from "../../src/cli/completion/format.ts";
import { findCandidates, type NameLookup } from "../../src/cli/completion/candidates.ts";
import type { CommandTable } from "../../src/cli/completion/command-table.ts";
import { splitLine } from "../../src/cli/completion/split-line.ts";
import { namesInScript } from "../../src/project/static-names.ts";

const breaks = " \t\n\"'><=;|&(:";

describe("a line that is being typed", () => {
  const lines: readonly [string, ReturnType<typeof splitLine>][] = [
    ["reyns ", { words: ["reyns"], current: "", quote: undefined, from: 0 }],
    ["reyns  ru", { words: ["reyns"], current: "ru", quote: undefined, from: 0 }],
    ["reyns run:de", { words: ["reyns"], current: "run:de", quote: undefined, from: 4 }],
    ["reyns ps conf=d", { words: ["reyns", "ps"], current: "conf=d", quote: undefined, from: 5 }],
    ['reyns "run:d', { words: ["reyns"], current: "run:d", quote: '"', from: 0 }],
    ['reyns ps conf="my c', { words: ["reyns", "ps"], current: "conf=my c", quote: '"', from: 5 }],
    [
      String.raw`reyns a\ b 'c"d' "e\"\f"x y`,
      {
        words: ["reyns", "a b", 'c"d', String.raw`e"\fx`],
        current: "y",
        quote: undefined,
        from: 0,
      },
    ],
    ["reyns '' ", { words: ["reyns", ""], current: "", quote: undefined, from: 0 }],
  ];
  test.each(lines)("%p", (line, expected) => {
    expect(splitLine(line, breaks)).toEqual(expected);
  });
});

const names: Readonly<Record<string, readonly string[]>> = {
  SERVICE: ["db", "demo"],
  PRESENT: ["demo"],
  GROUP: ["node1"],
  CONF: ["default", "my conf"],
  TASK: ["migrate"],
  HOST: ["demo-one"],
  VOLUME: ["cache", "data"],
  FILE: ["keys/", "keys.json"],
};

async function lookUp({ kind, service }: NameLookup): Promise<{ text: string }[]> {
  const found = kind === "INSTANCE" && service === "demo" ? ["one", "two"] : names[kind];
  return (found ?? []).map((text) => ({ text }));
}

async function completed(line: string): Promise<string[]> {
  const found = await findCandidates(splitLine(line, breaks), table as CommandTable, lookUp);
  return found.map(({ text }) => text);
}

describe("candidates", () => {
  const lines: readonly [string, readonly string[]][] = [
    ["reyns ru", ["run"]],
    ["reyns inst", ["install_demo"]],
    ["reyns instd", ["instdemo"]],
    ["reyns _st", ["_stop", "_start"]],
    ["reyns --v", ["--version"]],
    ["reyns --pro", ["--profile=", "--project-name=", "--project-directory="]],
    ["reyns run ", ["db", "demo", "all"]],
    ["reyns run demo ", ["one", "two"]],
    ["reyns run service=demo ", ["one", "two"]],
    ["reyns run safemode demo t", ["two", "ttl=", "timeout="]],
    ["reyns run demo one safem", ["safemode"]],
    ["reyns run demo one safemode=", ["safemode=true", "safemode=false"]],
    ["reyns run demo one safemode=F", ["safemode=False"]],
    ["reyns run demo --conf ", ["default", "my conf"]],
    ["reyns run demo --conf default o", ["one"]],
    ["reyns run demo --safemode o", ["one"]],
    ["reyns run demo --con", ["--conf="]],
    ["reyns run demo --conf=my", ["--conf=my conf"]],
    ["reyns run demo --instance-t", ["--instance-type="]],
    ["reyns run demo --instance_t", ["--instance_type="]],
    ["reyns run demo instance_type=p", ["instance_type=published", "instance_type=persistent"]],
    ["reyns run demo one conf=default con", []],
    ["reyns run:dem", ["run:demo"]],
    ["reyns run:demo,inst", ["run:demo,instance=", "run:demo,instance_type="]],
    ["reyns run:demo,instance=t", ["run:demo,instance=two"]],
    ["reyns run:demo, instance=t", ["instance=two"]],
    ["reyns run:demo, one,safem", ["one,safemode"]],
    ["reyns run:demo instance=t", ["instance=two"]],
    ["reyns ssh:demo,command=ls,instance=", []],
    ["reyns ssh demo -- inst", []],
    ["reyns ssh ", ["demo"]],
    ["reyns stop ", ["demo", "all"]],
    ["reyns clean a", ["all"]],
    ["reyns ip demo ", ["one", "two"]],
    ["reyns do m", ["migrate"]],
    ["reyns do migrate to=", []],
    ["reyns dns d", ["demo-one"]],
    ["reyns help nonsen", []],
    ["reyns help complet", ["completion"]],
    ["reyns keys ", ["show", "signers", "export", "import", "rotate"]],
    ["reyns volumes ", ["list", "remove"]],
    ["reyns volumes remove ", ["cache", "data"]],
    ["reyns volumes remove cache d", ["data"]],
    ["reyns volumes remove cache yes d", ["data"]],
    ["reyns volumes list c", ["cache", "copy="]],
    ["reyns keys import k", ["keys/", "keys.json"]],
    ["reyns create shop template=m", ["template=minimal", "template=multinode"]],
    ["reyns graph format=s", ["format=svg"]],
    ["reyns nonsense ", []],
    ["MODE=test DOCKER_HOST=x reyns ru", ["run"]],
    ["MODE=test reyns run demo ", ["one", "two"]],
    ["reyns run demo seed_command=", []],
  ];
  test.each(lines)("%p", async (line, expected) => {
    expect(await completed(line)).toEqual([...expected]);
  });

  test("all keys where no word is missing", async () => {
    expect(await completed("reyns version ")).toEqual(["short", "json", "quiet"]);
  });
});

describe("the answer to bash", () => {
  const lines: readonly [string, readonly string[]][] = [
    ["reyns run:dem", ["demo"]],
    ["reyns run demo conf=my", [String.raw`my\ conf `]],
    ['reyns run demo conf="my', ["my conf"]],
    ["reyns run demo --con", ["--conf="]],
    ["reyns keys import k", ["keys/ ", "keys.json "]],
    ['reyns "run:dem', ["run:demo"]],
  ];
  test.each(lines)("%p", async (line, expected) => {
    const typed = splitLine(line, breaks);
    const found = await findCandidates(typed, table as CommandTable, lookUp);
    expect(formatCandidates("bash", found, typed)).toEqual([...expected]);
  });
});

test("names that stand in a reyns.ts", () => {
  const script = `
    import { conf, dns, group, service, task } from "reyns";
    // service("old", { instance: "one" });
    dns({ instance: "main" });
    const db = service("db", { image: "postgres", instance: 'one' });
    group("node2", () => { service("web", { group: "node3", instance: name }); });
    conf("prod", () => {});
    task("migrate", "Bring it up to date", async () => {});
    job("import", { image: "tools", instance: "night" });
  `;
  expect(namesInScript(script)).toEqual({
    services: ["reyns-dns", "db", "web", "import"],
    instances: [
      { service: "reyns-dns", instance: "main" },
      { service: "db", instance: "one" },
      { service: "import", instance: "night" },
    ],
    groups: ["node2", "node3"],
    confs: ["prod"],
    tasks: [{ name: "migrate", description: "Bring it up to date" }],
  });
});

test("an answer loads no more than it needs", async () => {
  const root = dirname(dirname(import.meta.dir));
  const packages = new Set<string>();
  const files = new Set<string>();
  const transpiler = new Bun.Transpiler({ loader: "ts" });
  const walk = async (file: string): Promise<void> => {
    if (files.has(file) || !file.endsWith(".ts")) return;
    files.add(file);
    for (const { kind, path } of transpiler.scanImports(await Bun.file(file).text())) {
      if (kind !== "import-statement" || path.startsWith("node:")) continue;
      if (path.startsWith(".")) await walk(resolve(dirname(file), path));
      else packages.add(path);
    }
  };
  await walk(join(root, "src/main.ts"));
  await walk(join(root, "src/cli/commands/internal/complete.ts"));
  expect([...packages].toSorted()).toEqual(["citty", "fastest-levenshtein"]);
  expect(files.size).toBeLessThan(42);
});

describe("names that no shell can take as they are", () => {
  const format = (line: string, ...texts: string[]): string[] =>
    formatCandidates(
      "bash",
      texts.map((text) => ({ text })),
      splitLine(line, breaks),
    );

  test("are left out: with a newline, a tab, an escape sequence, or a turn of direction", () => {
    const hostile = ["a\nrm", "a\tb", "a\u001B[2Jb", "a\u202Eb", "a\u009Bb"];
    expect(format("reyns keys import ", ...hostile, "ab")).toEqual(["ab "]);
  });

  test("stay one word, whatever quotes and substitutions they have", () => {
    expect(format("reyns keys import ", "$(id) 'x'")).toEqual([String.raw`\$\(id\)\ \'x\' `]);
    expect(format("reyns keys import 'a", "a'; id; 'b")).toEqual([String.raw`a'\''; id; '\''b`]);
    expect(format('reyns keys import "', '$(id)`id`"')).toEqual([
      String.raw`\$(id)${"\\`id\\`"}\"`,
    ]);
  });
});
