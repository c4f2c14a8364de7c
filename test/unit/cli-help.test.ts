import { describe, expect, test } from "bun:test";
import type { ArgsDef } from "citty";
import { commandHelp, overview } from "../../src/cli/help.ts";
import { runArgs } from "../../src/cli/run-args.ts";
import { commandNamed, commands } from "../../src/commands/index.ts";

const listed = Object.entries(commands).filter(([, { hidden }]) => !hidden);

test("the overview has every command once, in 80 columns", () => {
  const text = overview(listed.map(([name, { summary }]) => ({ name, summary })));
  for (const [name, { summary }] of listed)
    expect(text).toMatch(new RegExp(`^  ${name} +${RegExp.escape(summary)}$`, "m"));
  expect(text).not.toContain("__proxy");
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

describe("help of a command", () => {
  test("has its synopsis, words, keys with values and defaults", () => {
    const given = { ...runArgs, cache: { type: "boolean", default: true } } as const;
    const text = commandHelp({ name: "run", description: "Runs.", aliases: ["go"], args: given });
    expect(text).toStartWith(
      "Usage: reyns run [SERVICE] [INSTANCE] [key=value ...]\n\nRuns.\n\nAlso called go.\n\nWords:\n",
    );
    expect(text).toContain("\n  group=NAME ");
    expect(text).toContain("\n  publish_ports  ");
    expect(text).toContain("\n  instance_type=TYPE ");
    expect(text.replace(/\s+/g, " ")).toContain(": standard, published, persistent, master, debug");
    expect(text).toContain("(default true)");
  });

  test("leaves out what there is not", () => {
    const bare = { name: "x", description: "Does.", aliases: [], args: {} };
    expect(commandHelp(bare)).toBe("Usage: reyns x\n\nDoes.");
  });

  test.each(listed)(
    "%s fits 80 columns and explains every key",
    async (name, { load, aliases }) => {
      const { args, meta } = await load();
      const { description } = meta as { description: string };
      const definitions = (args ?? {}) as ArgsDef;
      const text = commandHelp({ name, description, aliases: aliases ?? [], args: definitions });
      for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
      for (const definition of Object.values(definitions))
        expect(definition.description).toBeTruthy();
    },
  );
});

test.each([
  ["ip", "getip"],
  ["_stop", "stop"],
  ["_start", "start"],
  ["instdemo", "install_demo"],
  ["run", "run"],
  ["constructor", undefined],
  ["", undefined],
])("%j names %p", (word, name) => expect(commandNamed(word)).toBe(name as string));
