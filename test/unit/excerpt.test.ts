import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codeFrame } from "../../src/ui/output/code-frame.ts";

const folder = mkdtempSync(join(tmpdir(), "reyns-excerpt-"));
afterAll(() => rmSync(folder, { recursive: true }));

const long = `${"x".repeat(60)} wrong ${"y".repeat(60)}`;
const rows: [string, string, number, number, string[]][] = [
  ["a word", 'service("web");', 1, 1, ['1 | service("web");', "  | ^^^^^^^"]],
  ["a text", 'service("web");', 1, 9, ['1 | service("web");', "  |         ^^^^^"]],
  ["a tabulator is one column", '\timag: "x",', 1, 2, ['1 |  imag: "x",', "  |  ^^^^"]],
  ["Windows lines", "a\r\nb c\r\n", 2, 3, ["2 | b c", "  |   ^"]],
  ["the end of a line", "a", 1, 2, ["1 | a", "  |  ^"]],
  [
    "what fits of a long line",
    long,
    1,
    62,
    [`1 | ${"x".repeat(11)} wrong ${"y".repeat(18)}`, `  | ${" ".repeat(12)}^^^^^`],
  ],
  ["no such line", "a", 3, 1, []],
  ["no such column", "a", 1, 9, []],
  ["an empty line", "\n\n", 1, 1, []],
];
test.each(rows)("%s", (_, text, line, column, expected) => {
  const file = join(folder, "reyns.ts");
  writeFileSync(file, text);
  expect(codeFrame({ file, line, column }, 40)).toEqual(expected);
});

test("nothing of a file that may hold secrets, that is not there, or without a column", () => {
  const secret = join(folder, "host.conf");
  writeFileSync(secret, '{ "PASSWORD": "x" }');
  expect(codeFrame({ file: secret, line: 1, column: 3 }, 80)).toEqual([]);
  expect(codeFrame({ file: join(folder, "nowhere"), line: 1, column: 1 }, 80)).toEqual([]);
  expect(codeFrame({ file: join(folder, "reyns.ts"), line: 1 }, 80)).toEqual([]);
});
