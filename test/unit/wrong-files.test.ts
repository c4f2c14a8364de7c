// Every file of test/fixtures/wrong has one or more mistakes. Its last lines are the expected output of `reyns check`:
//   //! [FILE:]LINE:COLUMN CODE MESSAGE | HINT        (the beginning of each)
// A folder is a project with several files; the expected output is in its reyns.ts. The only service folder is web.
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { collectMistakes } from "../../src/cli/commands/check.ts";
import { findProject } from "../../src/project/locate.ts";
import { confNames } from "../../src/project/read.ts";
import { projectFolder } from "./support/project-folder.ts";

// Files that wait take their time, and more of it on a busy machine.
setDefaultTimeout(60_000);

const corpus = join(import.meta.dir, "../fixtures/wrong");
const timeout = process.env["LOAD_TIMEOUT"];
afterAll(() => {
  if (timeout === undefined) delete process.env["LOAD_TIMEOUT"];
  else process.env["LOAD_TIMEOUT"] = timeout;
});

function filesOf(name: string): Record<string, string> {
  const path = join(corpus, name);
  const read = (file: string): string => readFileSync(file, "utf8");
  if (!statSync(path).isDirectory()) return { "reyns.ts": read(path) };
  return Object.fromEntries(readdirSync(path).map((file) => [file, read(join(path, file))]));
}

/** The mistakes in the format of the files. */
async function mistakesOf(files: Record<string, string>): Promise<string[]> {
  const web = { "services/web/Dockerfile": "FROM reyns/reyns-base\n" };
  await using project = await projectFolder({ ...web, ...files });
  const place = await findProject(project.folder, {});
  const errors = await collectMistakes(place, await confNames(place));
  return errors.map(({ code, message, hint = "", at }) => {
    const file = relative(project.folder, at?.file ?? "");
    const where = [...(file === "reyns.ts" ? [] : [file]), at?.line, at?.column].join(":");
    return `${where} ${code} ${message} | ${hint}`;
  });
}

/** Files that end their process; test/binary/check.test.ts runs them. */
const ownProcess = new Set([
  "endless-loop.ts",
  "loose-command.ts",
  "rejected-elsewhere.ts",
  "throws-later.ts",
]);

const names = readdirSync(corpus)
  .filter((name) => !ownProcess.has(name))
  .toSorted();

test("the corpus has at least 45 files", () => {
  expect(names.length).toBeGreaterThanOrEqual(45);
});

test.each(names)("%s", async (name) => {
  const files = filesOf(name);
  const expected = [...(files["reyns.ts"] ?? "").matchAll(/^\/\/! (.*)$/gm)].map(
    ([, line = ""]) => line,
  );
  // Files that time out get little time, the others as much as a busy machine may need.
  process.env["LOAD_TIMEOUT"] = name.startsWith("never") ? "2" : "10";
  const mistakes = await mistakesOf(files);
  const beginnings = mistakes.map((mistake, index) => {
    const [wantedMessage = "", wantedHint = ""] = expected[index]?.split(" | ") ?? [];
    const [message = "", hint = ""] = mistake.split(" | ");
    return `${message.slice(0, wantedMessage.length)} | ${hint.slice(0, wantedHint.length)}`;
  });
  expect(beginnings).toEqual(expected);
  expect(expected.length).toBeGreaterThan(0);
});
