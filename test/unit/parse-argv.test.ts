import { describe, expect, test } from "bun:test";
import { tokenize } from "../../src/cli/args/tokenize.ts";
import { parseArgv, wantsJson } from "../../src/cli/parse-argv.ts";
import { commands } from "../../src/cli/registry.ts";

test("-h is short for --help, and a command's name may be missing", () => {
  expect(tokenize(["run", "-h"]).tokens).toEqual([{ text: "-h", key: "help" }]);
  expect(tokenize(["-h"])).toEqual({ command: "-h", tokens: [], rest: [] });
  expect(tokenize(["--x:y"])).toEqual({ command: "--x:y", tokens: [], rest: [] });
  expect(tokenize([":x"])).toEqual({ command: "", tokens: [{ text: "x" }], rest: [] });
  expect(tokenize([])).toEqual({ command: undefined, tokens: [], rest: [] });
});

describe("a command line names a command and its options", () => {
  const calls: [string, string, object][] = [
    ["", "help", {}],
    ["-h", "help", {}],
    ["run web --help", "help", { command: "run" }],
    ["ip web -h", "help", { command: "getip" }],
    ["help -h", "help", {}],
    ["--version", "version", {}],
    ["ip web", "getip", { service: "web" }],
  ];
  test.each(calls)("reyns %s", async (line, name, expected) => {
    const { command, options } = await parseArgv(line.split(" ").filter(Boolean), commands);
    expect(command.meta).toMatchObject({ name });
    expect(options).toMatchObject(expected);
  });

  test.each([
    ["ps json", true],
    ["ps --jsonout", true],
    ["ps json=no", false],
    ["run:web,json=True,unknown=1", true],
    ["ps", false],
    ["ssh web -- json", false],
  ])("reyns %s: JSON is %p", (line, expected) => {
    expect(wantsJson(line.split(" "))).toBe(expected);
  });
});
