import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");

interface Row {
  readonly what: string;
  readonly here: string;
  readonly title: string;
  readonly file: string;
}

/** The rows of every table of docs/seeds.md, without their headings. */
const rows = readFileSync(join(root, "docs/seeds.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (what|---)/.test(line))
  .map((line): Row => {
    const [what = "", here = "", title = "", file = "", ...more] = line
      .replace(/^\| | \|$/g, "")
      .split(" | ");
    expect([line, more]).toEqual([line, []]);
    return { what, here, title, file };
  });

/** True when a test of the title stands in the text of a test file. */
function hasTest(text: string, title: string): boolean {
  return ["`", '"'].some((quote) => {
    const at = text.indexOf(`${quote}${title}${quote}, `);
    return at >= 0 && /\btest(\.\w+)*\([^;]*$/.test(text.slice(Math.max(0, at - 200), at));
  });
}

describe("each row of docs/seeds.md", () => {
  test("has a test in the file that it names", () => {
    const wrong = rows.filter(({ title, file }) => {
      const path = join(root, "test", file);
      return !existsSync(path) || !hasTest(readFileSync(path, "utf8"), title);
    });
    expect(wrong.map(({ title, file }) => `${file}: ${title}`)).toEqual([]);
    expect(rows.length).toBeGreaterThan(90);
  });

  test("says how it is here, with a reason where it differs", () => {
    const form = /^(same\b|more: .|differs: .|request$)/;
    expect(rows.filter(({ here }) => !form.test(here)).map(({ what }) => what)).toEqual([]);
  });
});

test("a title that is only part of another, or no test's, is not taken for one", () => {
  const text =
    'describe("group", () => {\n  test("one thing", () => {});\n});\nconst a = ["two", 1];';
  expect(hasTest(text, "one thing")).toBe(true);
  expect(hasTest(text, "one")).toBe(false);
  expect(hasTest(text, "two")).toBe(false);
  expect(hasTest(text, "group")).toBe(false);
});
