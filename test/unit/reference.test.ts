import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { referenceText } from "../../scripts/reference.ts";
import { environment, exitStatuses } from "../../src/cli/facts.ts";
import { manualPage } from "../../src/cli/manual.ts";
import { allPages } from "../../src/commands/pages.ts";

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

test("groff shows the manual page without a warning, and nothing is lost", async () => {
  const topics = await allPages();
  const page = manualPage(topics, "1.2.3");
  const groff = Bun.which("groff");
  // It comes with man-db, which a machine may lack.
  if (!groff) return;
  const child = Bun.spawnSync([groff, "-man", "-ww", "-Tascii", "-P-cbou", "-rLL=400n"], {
    stdin: Buffer.from(page),
  });
  expect(child.stderr.toString()).toBe("");
  const shown = child.stdout.toString();
  const lost = topics
    .flatMap(({ commands }) => commands.flatMap(({ examples }) => examples))
    .filter(([line, does]) => !shown.includes(line) || !shown.includes(does));
  expect(lost).toEqual([]);
});
