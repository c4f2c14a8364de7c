import { expect, test } from "bun:test";
import { createLineSplitter } from "../../src/lib/line-splitter.ts";

function split(chunks: readonly (string | Uint8Array)[], isEnded = true): string[] {
  const lines: string[] = [];
  const splitter = createLineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  if (isEnded) splitter.end();
  return lines;
}

test.each([
  [["one\ntwo\n"], ["one", "two"]],
  [
    ["o", "ne\nt", "wo"],
    ["one", "two"],
  ],
  [
    ["one\r\n", "two\r", "\n"],
    ["one", "two"],
  ],
  [["\n\n"], ["", ""]],
  [[""], []],
])("chunks %j are split into the lines %j", (chunks, lines) => {
  expect(split(chunks)).toEqual(lines);
});

test("a character that spans chunks is decoded", () => {
  const bytes = Buffer.from("grün\n");
  expect(split([bytes.subarray(0, 3), bytes.subarray(3)])).toEqual(["grün"]);
});

test("a byte order mark and a character without its end are text like any other", () => {
  const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0x0a, 0x62, 0xe2, 0x82]);
  expect(split([bytes])).toEqual(["\uFEFFa", "b\uFFFD"]);
});

test("a line without a line break is reported at the end only, and once", () => {
  expect(split(["one\ntwo"], false)).toEqual(["one"]);
  const lines: string[] = [];
  const splitter = createLineSplitter((line) => lines.push(line));
  splitter.push("two");
  expect(splitter.pending()).toBe("two");
  splitter.end();
  splitter.end();
  expect(lines).toEqual(["two"]);
});

test("a line that never ends is reported in parts", () => {
  const lines = split(Array.from({ length: 90 }, () => "x".repeat(100_000)));
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.join("")).toHaveLength(9_000_000);
});
