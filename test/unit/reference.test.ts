import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { referenceText } from "../../scripts/reference.ts";
import { environment, exitStatuses } from "../../src/cli/help/reference-text.ts";
import { formatManual } from "../../src/cli/help/manual.ts";
import type { Examples } from "../../src/cli/help/help.ts";
import { loadTopics } from "../../src/cli/help/pages.ts";
import { commands } from "../../src/cli/registry.ts";

const root = join(import.meta.dir, "../..");

test("docs/reference.md is up to date; if not, run: bun run reference", async () => {
  expect(readFileSync(join(root, "docs/reference.md"), "utf8")).toBe(await referenceText());
});

test("every variable that src/ reads from the environment is documented, or belongs to the system", async () => {
  const known = environment.flatMap(([words]) => words.split(", "));
  const systems = [
    "HOME",
    "TERM",
    "XDG_RUNTIME_DIR",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "LANG",
    "PATH",
    "SHELL",
  ];
  const read = new Set<string>();
  for await (const file of new Bun.Glob("src/**/*.ts").scan(root)) {
    const text = await Bun.file(join(root, file)).text();
    for (const [, name = ""] of text.matchAll(/\benv\["([A-Z_]+)"\]/g)) read.add(name);
  }
  expect([...read].filter((name) => ![...known, ...systems].includes(name))).toEqual([]);
});

test("every exit status of an error is documented", async () => {
  const text = await Bun.file(join(root, "src/errors.ts")).text();
  const used = [...text.matchAll(/^ {2}[A-Z_]+: (\d+),$/gm)].map(([, status]) => status ?? "");
  expect(used.length).toBeGreaterThan(20);
  const known = new Set(exitStatuses.map(([status]) => status));
  expect([...new Set(used)].filter((status) => !known.has(status))).toEqual([]);
});

// It comes with man-db, which a machine may lack.
const groff = Bun.which("groff");

/** A manual page as it is shown, without line breaks, and the warnings of groff. */
function shown(page: string): { readonly text: string; readonly warnings: string } {
  const words = [groff ?? "", "-man", "-ww", "-Tascii", "-P-cbou", "-rLL=400n"];
  const { stdout, stderr } = Bun.spawnSync(words, { stdin: Buffer.from(page) });
  return { text: stdout.toString(), warnings: stderr.toString() };
}

test.skipIf(!groff)(
  "groff formats the manual page without a warning and loses nothing",
  async () => {
    const topics = await loadTopics(commands);
    const { text, warnings } = shown(formatManual(topics, "1.2.3"));
    expect(warnings).toBe("");
    const lost = topics
      .flatMap((topic) => topic.commands.flatMap(({ examples }) => examples))
      .filter(([line, does]) => !text.includes(line) || !text.includes(does));
    expect(lost).toEqual([]);
  },
);

test.skipIf(!groff)("roff requests in a text are escaped", () => {
  const lines = [
    ".x a\\nb",
    "'x and words",
    '"x" \\fBx',
    "x-y ~ ^ ` ' --x",
    "... and more",
  ] as const;
  const examples = lines.map((line) => [line, line] as const) as unknown as Examples;
  const names = { name: "x", summary: "x", description: ".x", aliases: [], args: {} };
  const { text, warnings } = shown(
    formatManual([{ title: "X", commands: [{ ...names, examples }] }], "1"),
  );
  expect(warnings).toBe("");
  const all = text.split("\n").map((line) => line.trim());
  expect(all.filter((line) => lines.some((one) => one === line))).toEqual(
    lines.flatMap((line) => [line, line]),
  );
});
