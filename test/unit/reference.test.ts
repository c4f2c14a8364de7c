import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { referenceText } from "../../scripts/reference.ts";
import { environment, exitStatuses } from "../../src/cli/help/reference-text.ts";
import { manualPage } from "../../src/cli/help/manual.ts";
import type { Examples } from "../../src/cli/help/help.ts";
import { allPages } from "../../src/cli/help/pages.ts";

const root = join(import.meta.dir, "../..");

test("docs/reference.md is what the definitions make; else call: bun run reference", async () => {
  expect(readFileSync(join(root, "docs/reference.md"), "utf8")).toBe(await referenceText());
});

test("every variable that src/ reads of the caller's environment is explained, or is no business of ours", async () => {
  const known = environment.flatMap(([words]) => words.split(", "));
  const systems = ["HOME", "TERM", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "LANG", "PATH", "SHELL"];
  const read = new Set<string>();
  for await (const file of new Bun.Glob("src/**/*.ts").scan(root)) {
    const text = await Bun.file(join(root, file)).text();
    for (const [, name = ""] of text.matchAll(/\benv\["([A-Z_]+)"\]/g)) read.add(name);
  }
  expect([...read].filter((name) => ![...known, ...systems].includes(name))).toEqual([]);
});

test("so is every exit status of an error", async () => {
  const text = await Bun.file(join(root, "src/errors.ts")).text();
  const used = [...text.matchAll(/^ {2}[A-Z_]+: (\d+),$/gm)].map(([, status]) => status ?? "");
  expect(used.length).toBeGreaterThan(20);
  const known = new Set(exitStatuses.map(([status]) => status));
  expect([...new Set(used)].filter((status) => !known.has(status))).toEqual([]);
});

// It comes with man-db, which a machine may lack.
const groff = Bun.which("groff");

/** A manual page as it is shown, without a line being broken, and what groff says against it. */
function shown(page: string): { readonly text: string; readonly warnings: string } {
  const words = [groff ?? "", "-man", "-ww", "-Tascii", "-P-cbou", "-rLL=400n"];
  const { stdout, stderr } = Bun.spawnSync(words, { stdin: Buffer.from(page) });
  return { text: stdout.toString(), warnings: stderr.toString() };
}

test.skipIf(!groff)(
  "groff shows the manual page without a warning, and nothing is lost",
  async () => {
    const topics = await allPages();
    const { text, warnings } = shown(manualPage(topics, "1.2.3"));
    expect(warnings).toBe("");
    const lost = topics
      .flatMap(({ commands }) => commands.flatMap(({ examples }) => examples))
      .filter(([line, does]) => !text.includes(line) || !text.includes(does));
    expect(lost).toEqual([]);
  },
);

test.skipIf(!groff)("what roff would take for its own is shown as it is", () => {
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
    manualPage([{ title: "X", commands: [{ ...names, examples }] }], "1"),
  );
  expect(warnings).toBe("");
  const all = text.split("\n").map((line) => line.trim());
  expect(all.filter((line) => lines.some((one) => one === line))).toEqual(
    lines.flatMap((line) => [line, line]),
  );
});
