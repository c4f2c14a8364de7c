import { describe, expect, test } from "bun:test";
import type { ArgsDef } from "citty";
import { parseOptions } from "../../src/cli/args/parse.ts";
import { rerunArgs } from "../../src/cli/args/run.ts";
import { tokenize } from "../../src/cli/args/tokenize.ts";
import { parseArgv } from "../../src/cli/parse-argv.ts";
import { commands } from "../../src/cli/registry.ts";
import { rejectedBy } from "./support/project-folder.ts";
import { optionsOf, remoteArgs } from "./support/calls.ts";

test("a command that runs nothing in an instance takes none after --", async () => {
  const call = tokenize(["stop", "demo", "--", "ls"]);
  const args = { service: { type: "positional" } } as const;
  const [error] = await rejectedBy(parseOptions(call, { name: "stop", args }));
  expect(error?.message).toBe('unexpected command after "--": ls');
});

describe("every mistake is reported", () => {
  const wrong: [string[], string[]][] = [
    [["run", "demo", "safemod=true"], ['UNKNOWN_KEY unknown key "safemod"']],
    [["run", "demo", "--x"], ['UNKNOWN_KEY unknown key "x"']],
    [["run", "demo", "__proto__=1"], ['UNKNOWN_KEY unknown key "__proto__"']],
    [["run", "demo", "constructor=1"], ['UNKNOWN_KEY unknown key "constructor"']],
    [["run", "demo", "one", "two"], ['UNEXPECTED_ARGUMENT unexpected argument "two"']],
    [
      ["run", "demo", "-x", "-y"],
      ['UNKNOWN_KEY unknown key "x"', 'UNKNOWN_KEY unknown key "y"'],
    ],
    [["run", "demo", "linked=maybe"], ['INVALID_VALUE linked is "maybe"']],
    [["run", "demo", "linked="], ['INVALID_VALUE linked is ""']],
    // A variable of a script that is empty must not run something else.
    [["run", "all", "receipt="], ["INVALID_VALUE receipt= has no value"]],
    [["run", "all", "--plan="], ["INVALID_VALUE plan= has no value"]],
    [["run", "demo", "stop_timeout="], ["INVALID_VALUE stop_timeout= has no value"]],
    [
      ["run", "", "one", "group="],
      ["INVALID_VALUE group= has no value", "INVALID_VALUE SERVICE is empty"],
    ],
    [["run:demo,instance=,group=x"], ["INVALID_VALUE INSTANCE is empty"]],
    [["run", "demo", "instance_type=mastr"], ['INVALID_VALUE instance_type is "mastr"']],
    [["run", "demo", "--group"], ["INVALID_VALUE --group needs a value"]],
    [["run", "demo", "--group", "--json"], ["INVALID_VALUE --group needs a value"]],
    [["run", "demo", "group=a", "group=b"], ["INVALID_VALUE group has two different values"]],
    [
      ["run", "a", "b", "c", "bad=1", "linked=2"],
      [
        'UNKNOWN_KEY unknown key "bad"',
        'UNEXPECTED_ARGUMENT unexpected argument "c"',
        'INVALID_VALUE linked is "2"',
      ],
    ],
    [
      ["run:demo,one,two,=x"],
      [
        'UNEXPECTED_ARGUMENT unexpected argument "two"',
        'UNEXPECTED_ARGUMENT unexpected argument "=x"',
      ],
    ],
  ];
  test.each(wrong)("%j", async (argv, expected) => {
    const errors = await rejectedBy(optionsOf(argv));
    expect(errors.map(({ code, message }) => `${code} ${message}`)).toEqual(expected);
    for (const { exitStatus } of errors) expect(exitStatus).toBe(2);
  });

  test.each(["plan=x", "new=true", "user=root", "command=id"])(
    "rerun takes no %s",
    async (option) => {
      const call = tokenize(["rerun", "demo", option]);
      expect(await rejectedBy(parseOptions(call, { name: "rerun", args: rerunArgs }))).toHaveLength(
        1,
      );
    },
  );

  test("two commands are a mistake", async () => {
    const errors = await rejectedBy(
      optionsOf(["ssh", "demo", "command=ls", "--", "pwd"], remoteArgs),
    );
    expect(errors.map(({ message }) => message)).toEqual(["command has two different values"]);
  });

  const hints: [string[], string][] = [
    [["run", "x", "safemod=1"], 'did you mean "safemode"? see reyns help run'],
    [["run", "x", "zzzzz=1"], "see reyns help run"],
    [["run", "x", "--no-recreate"], "write keep=true"],
    [["build", "x", "--no-cache"], "write cache=false"],
    [["run", "x", "instance_type=mastr"], 'did you mean "master"? accepted: standard, published'],
    [["run", "x", "linked=2"], "accepted: True or False, yes or no, 1 or 0"],
    [
      ["run", "a", "b", "c"],
      "reyns run takes SERVICE and INSTANCE, then key=value; see reyns help run",
    ],
  ];
  test.each(hints)("%j gets a hint", async (argv, hint) => {
    expect((await rejectedBy(optionsOf(argv)))[0]?.hint).toStartWith(hint);
  });

  test("a megabyte of it is refused", async () => {
    const huge = "x".repeat(1_000_000);
    expect(await rejectedBy(optionsOf(["run", "demo", `${huge}=1`, "one", huge]))).toHaveLength(2);
  });
});

test("a positional without required: false is required", async () => {
  const args: ArgsDef = { name: { type: "positional" }, json: { type: "boolean" } };
  expect(await optionsOf(["create", "shop"], args)).toEqual({ name: "shop" });
  for (const argv of [["create"], ["create", ""], ["create", "json"]]) {
    const [error] = await rejectedBy(optionsOf(argv, args));
    expect(error).toMatchObject({ code: "MISSING_ARGUMENT", message: "missing argument NAME" });
  }
});

test("an argument is missing as well, unless an unknown key may have taken it", async () => {
  const args: ArgsDef = { name: { type: "positional" } };
  const mistakesIn = async (...argv: string[]): Promise<string[]> =>
    (await rejectedBy(optionsOf(argv, args))).map(({ code }) => code);
  expect(await mistakesIn("create", "--x", "shop")).toEqual(["UNKNOWN_KEY"]);
  for (const argv of [["--x"], ["--x=shop"], ["--x", "--y"]])
    expect(await mistakesIn("create", ...argv)).toContain("MISSING_ARGUMENT");
});

test("an empty value is no call about the project, all machines, all instances or another conf", async () => {
  const calls = ["run all copy=", "ps copy=", "run all node=", "load x.reyns node="].concat(
    ["clean", "stop", "rerun", "kill", "restart", "top", "run"].map((name) => `${name} all group=`),
    ["run all conf=", "config conf=", "graph group=", "ps state=", "run all -e A=1 seed_command="],
    ["logs since=", "ssh web command=", "run web user=", "plan out="],
  );
  for (const line of calls) {
    const key = line.slice(line.lastIndexOf(" ") + 1);
    const parsed = parseArgv(line.split(" "), commands);
    await expect(parsed).rejects.toThrow(`${key} has no value`);
  }
  for (const argv of [
    ["clean", "web", ""],
    ["ps", ""],
    ["config", "service="],
    ["do", ""],
  ])
    await expect(parseArgv(argv, commands)).rejects.toThrow(/^(SERVICE|INSTANCE|TASK) is empty$/);
});
