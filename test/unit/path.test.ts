import { expect, test } from "bun:test";
import * as nodePath from "node:path";
import { basename, dirname, join } from "../../src/lib/path.ts";

test.each(["/", "/a", "/a/b", "/a.b/c d/é"])("%s is taken apart as node:path does", (path) => {
  expect(dirname(path)).toBe(nodePath.dirname(path));
  expect(basename(path)).toBe(nodePath.basename(path));
});

test.each([
  ["/", ["a"]],
  ["/a", ["b"]],
  ["/a/", ["b", "c"]],
  ["a", ["b"]],
])("what is in %s is found as node:path does", (folder, names) => {
  expect(join(folder, ...names)).toBe(nodePath.join(folder, ...names));
});

test("a program's name is its last word, with or without a folder", () => {
  expect([basename("reyns"), basename("/usr/bin/dockerops")]).toEqual(["reyns", "dockerops"]);
});
