import { describe, expect, test } from "bun:test";
import { composeOptionRows } from "../../src/cli/help/compose-options.ts";
import { composeFlags, composeMeaning } from "../../src/cli/compose-words.ts";
import { explainCommand } from "../../src/cli/commands/help.ts";
import { commands } from "../../src/cli/registry.ts";
import { mistakeIn } from "./support/shell-lines.ts";

test("help rm says that what runs stays", async () => {
  expect(await explainCommand("rm", commands)).toContain("means clean stopped=true, or with -s");
});

test.each(["up", "exec"])("help %s explains what Compose's word means", async (word) => {
  const meant = composeMeaning(word);
  const text = await explainCommand(word, commands);
  expect(text).toStartWith(`Docker Compose's ${word} is accepted here, and means ${meant}.\n\n`);
  expect(text).toContain(`Usage: reyns ${meant} `);
});

describe("help of Compose's words has the options that are accepted", () => {
  const words = ["up", "down", "rm", "exec"];

  test.each(words)("help %s: before the keys", async (word) => {
    const text = await explainCommand(word, commands);
    const [before = "", keys] = text.split("\nKeys:\n");
    expect(keys).toBeDefined();
    expect(before).toContain("\nOptions, as in Docker Compose:\n");
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test.each(words)("help %s: all of them", (word) => {
    const names = composeOptionRows(word).flatMap(([options]) => options.match(/[\w-]+/g) ?? []);
    const known = new Set(names.map((name) => name.replace(/^-+/, "")));
    const flags = composeFlags(word).flatMap((flag) => flag.replace(/^-+/, "").split("="));
    expect(flags.filter((flag) => !known.has(flag))).toEqual([]);
  });

  const values: Readonly<Record<string, string>> = {
    SECONDS: "5",
    SERVICE: "web",
    "NAME=VALUE": "A=1",
    "always|missing": "always",
  };

  test.each(words)("help %s: none that is refused", async (word) => {
    const spelled = composeOptionRows(word).flatMap(([options]) => options.split(", "));
    for (const option of spelled) {
      const given = option.split(" ").map((part) => values[part] ?? part);
      const call = [word, ...given, ...(word === "exec" ? ["web", "ls"] : [])];
      expect([call, await mistakeIn(call)]).toEqual([call, undefined]);
    }
  });
});
