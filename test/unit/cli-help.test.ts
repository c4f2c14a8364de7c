import { describe, expect, test } from "bun:test";
import { formatCommandHelp, formatOverview, type Examples } from "../../src/cli/help/help.ts";
import { runArgs } from "../../src/cli/args/run.ts";
import { findCommand } from "../../src/cli/find-command.ts";
import { commands } from "../../src/cli/registry.ts";
import { listTopics, loadPage } from "../../src/cli/help/pages.ts";
import { thrownBy } from "./support/project-folder.ts";
import { callsIn, mistakeIn } from "./support/shell-lines.ts";

const listed = Object.entries(commands).flatMap(([name, command]) =>
  command.hidden ? [] : [[name, command] as const],
);

test("the overview has every command once, in 80 columns", () => {
  const text = formatOverview(listTopics(commands));
  for (const [name, { summary }] of listed)
    expect(text).toMatch(new RegExp(`^  ${name} +${RegExp.escape(summary)}$`, "m"));
  expect(text).not.toContain("__proxy");
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

const examples: Examples = [
  ["reyns x", "once"],
  ["reyns x y", "twice"],
  ["reyns x y z", "three times"],
];

describe("help of a command", () => {
  test("shows usage, arguments, keys with values and defaults, and examples", () => {
    const given = { ...runArgs, cache: { type: "boolean", default: true } } as const;
    const names = { name: "run", summary: "run", aliases: ["go"] };
    const text = formatCommandHelp({ ...names, description: "Runs.", args: given, examples });
    expect(text).toStartWith(
      "Usage: reyns run [SERVICE] [INSTANCE] [key=value ...]\n\nRuns.\n\nAlso called go.\n\nArguments:\n",
    );
    expect(text).toContain("\n  group=GROUP ");
    expect(text).toContain("\n  publish_ports  ");
    expect(text).toContain("\n  instance_type=TYPE ");
    expect(text.replace(/\s+/g, " ")).toContain(": standard, published, persistent, master, debug");
    expect(text).toContain("(default true)");
    expect(text).toEndWith(
      "\n\nExamples:\n  reyns x      once\n  reyns x y    twice\n  reyns x y z  three times",
    );
  });

  test("a long example has its text below it", () => {
    const names = { name: "x", summary: "x", description: "Does.", aliases: [], args: {} };
    const long: Examples = [
      [`reyns x ${"y".repeat(50)}`, "once"],
      ["reyns x", "twice"],
      ["reyns", "never"],
    ];
    expect(formatCommandHelp({ ...names, examples: long })).toEndWith(
      "y\n      once\n  reyns x\n      twice\n  reyns\n      never",
    );
  });

  test("leaves out what there is not", () => {
    const bare = {
      name: "x",
      summary: "x",
      description: "Does.",
      aliases: [],
      args: {},
      examples: [],
    };
    expect(formatCommandHelp(bare)).toBe("Usage: reyns x\n\nDoes.");
  });

  describe.each(listed)("%s", (name, { load, aliases = [] }) => {
    test("fits 80 columns and explains every key", async () => {
      const page = await loadPage(name, commands);
      const wide = formatCommandHelp(page)
        .split("\n")
        .filter((line) => line.length > 80);
      expect(wide).toEqual([]);
      for (const definition of Object.values(page.args))
        expect(definition.description).toBeTruthy();
    });

    test("has examples that are calls of it, and parse", async () => {
      for (const [line] of (await load()).examples) {
        const calls = callsIn(line);
        expect(calls).not.toEqual([]);
        expect([line, [name, ...aliases].some((one) => line.includes(one))]).toEqual([line, true]);
        for (const call of calls) expect([line, await mistakeIn(call)]).toEqual([line, undefined]);
      }
    });
  });
});

test.each([
  ["reyns ps all # all", [["ps", "all"]]],
  ["A=1 B='x y' reyns run web", [["run", "web"]]],
  ["reyns check && reyns run:a,b=c > /dev/null", [["check"], ["run:a,b=c"]]],
  ["curl http://$(reyns getip web)/ | cat", [["getip", "web"]]],
  ['reyns ssh web command="ls | wc; a && b"', [["ssh", "web", "command=ls | wc; a && b"]]],
  ["echo reyns ps", []],
] as const)("the calls in %s", (line, calls) =>
  expect(callsIn(line)).toEqual(calls.map((call) => [...call])),
);

test.each([
  [["run", "web", "safemod=1"], 'unknown key "safemod"'],
  [["rum"], 'unknown command "rum"'],
  [["run", "a", "b", "c"], 'unexpected argument "c"'],
] as const)("%p is a mistake", async (argv, mistake) =>
  expect(await mistakeIn(argv)).toBe(mistake),
);

test.each([
  ["ip", "getip"],
  ["_stop", "stop"],
  ["_start", "start"],
  ["instdemo", "install_demo"],
  ["run", "run"],
])("%j is the command %p", (word, name) => expect(findCommand(word, commands).name).toBe(name));

test.each([
  ["constructor", "reyns help lists all commands"],
  ["", "reyns help lists all commands"],
  ["rum", 'did you mean "run"?'],
  ["up", "what Compose calls up is here: reyns run all"],
  ["upp", 'did you mean "up"? reyns help lists all commands'],
  ["dwon", 'did you mean "down"? reyns help lists all commands'],
  ["exce", 'did you mean "exec"? reyns help lists all commands'],
  ...[..."attach scale watch".split(" ")].map(
    (name) => [name, /^(not (available|needed)|call service|follow the output)/] as const,
  ),
  ["__prox", "reyns help lists all commands"],
])("%j is no command", (word, hint) => {
  const [error] = thrownBy(() => findCommand(word, commands));
  expect(error?.code).toBe("UNKNOWN_COMMAND");
  expect(error?.hint).toMatch(
    typeof hint === "string" ? new RegExp(`^${RegExp.escape(hint)}`) : hint,
  );
});
