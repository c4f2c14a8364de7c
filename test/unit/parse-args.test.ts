import { describe, expect, test } from "bun:test";
import type { ArgsDef } from "citty";
import { parseArgs } from "../../src/cli/args/parse.ts";
import { runArgs } from "../../src/cli/args/run.ts";
import { splitWords } from "../../src/cli/args/tokenize.ts";
import { thrownBy } from "./support/project-folder.ts";

/** What a command is told; without what it is not. */
function told(argv: readonly string[], args: ArgsDef = runArgs): object {
  const all = parseArgs(splitWords(argv), args, "run");
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

const remote: ArgsDef = {
  service: { type: "positional", required: false },
  instance: { type: "positional", required: false },
  command: { type: "string" },
  json: { type: "boolean", alias: "jsonout" },
};

describe("every way of writing a call is the same call", () => {
  const same: [string, string[][]][] = [
    [
      "run postgres one safemode=true",
      [
        ["run:postgres,instance=one,safemode=True"],
        ["run:postgres,", "instance=one,", "safemode=True"],
        ["run:postgres,one,safemode"],
        ["run:postgres, instance=one,safemode=y"],
        ["run:", "postgres", "one", "safemode=1"],
        ["run", "postgres", "one", "safemode=yes"],
        ["run", "postgres", "one", "safemode"],
        ["run", "postgres", "--instance", "one", "--safemode"],
        ["run", "postgres", "--instance=one", "--safemode=TRUE"],
        ["run", "--safemode", "postgres", "one"],
        ["run", "--safemode", "true", "postgres", "one"],
        ["run", "instance=one", "service=postgres", "safemode=true", "safemode=true"],
      ],
    ],
    [
      "run postgres one publish_ports=false group=x",
      [
        ["run:postgres,one,publish_ports=False,group=x"],
        ["run", "postgres", "one", "--publish-ports", "false", "--group", "x"],
        ["run", "postgres", "one", "publishPorts=no", "group=x"],
        ["run", "postgres", "one", "--publish_ports=0", "--group=x"],
      ],
    ],
  ];
  test.each(same)("%s", (plain, others) => {
    const expected = told(plain.split(" "));
    for (const argv of others) expect(told(argv)).toEqual(expected);
  });

  test("each word in its place, each key with its value", () => {
    expect(told(["run", "postgres", "one", "safemode", "linked=no", "timeout=5"])).toEqual({
      service: "postgres",
      instance: "one",
      safemode: true,
      linked: false,
      timeout: "5",
    });
    expect(told(["run", "instance=one"])).toEqual({ instance: "one" });
    expect(told([])).toEqual({});
  });

  test("what is not said has its default", () => {
    const args: ArgsDef = {
      shell: { type: "enum", options: ["bash", "zsh"], default: "bash" },
      colour: { type: "boolean", default: true },
    };
    expect(told([], args)).toEqual({ shell: "bash", colour: true });
    expect(told(["x", "shell=zsh", "colour=no"], args)).toEqual({ shell: "zsh", colour: false });
  });
});

describe("command= takes everything to the end of its word", () => {
  const calls: [string[], string][] = [
    [["ssh:demo,instance=two,command=echo a, b,c"], "echo a, b,c"],
    [["ssh:demo,two,command=a=b,json=true"], "a=b,json=true"],
    [["ssh", "demo", "two", "command=x --y, z"], "x --y, z"],
    [["ssh", "demo", "two", "--command", "ls -l"], "ls -l"],
    [
      ["ssh", "demo", "two", "--", "ls", "-l", "a b", "it's", "", "x=1", "json"],
      `ls -l 'a b' 'it'\\''s' '' x=1 json`,
    ],
    [["ssh", "demo", "two", "command=first\nsecond"], "first\nsecond"],
  ];
  test.each(calls)("%j", (argv, command) => {
    expect(told(argv, remote)).toEqual({ command, instance: "two", service: "demo" });
  });
});

describe("nothing is ever ignored", () => {
  const wrong: [string[], string[]][] = [
    [["run", "demo", "safemod=true"], ['UNKNOWN_KEY unknown key "safemod"']],
    [["run", "demo", "--x"], ['UNKNOWN_KEY unknown key "x"']],
    [["run", "demo", "__proto__=1"], ['UNKNOWN_KEY unknown key "__proto__"']],
    [["run", "demo", "constructor=1"], ['UNKNOWN_KEY unknown key "constructor"']],
    [["run", "demo", "one", "two"], ['UNEXPECTED_ARGUMENT one word too many: "two"']],
    [
      ["run", "demo", "-x", "-y"],
      ['UNKNOWN_KEY unknown key "x"', 'UNKNOWN_KEY unknown key "y"'],
    ],
    [["run", "demo", "--", "ls"], ['UNEXPECTED_ARGUMENT nothing is taken after "--" here: ls']],
    [["run", "demo", "linked=maybe"], ['INVALID_VALUE linked is "maybe"']],
    [["run", "demo", "linked="], ['INVALID_VALUE linked is ""']],
    [["run", "demo", "instance_type=mastr"], ['INVALID_VALUE instance_type is "mastr"']],
    [["run", "demo", "--group"], ["INVALID_VALUE --group needs a value"]],
    [["run", "demo", "--group", "--json"], ["INVALID_VALUE --group needs a value"]],
    [["run", "demo", "group=a", "group=b"], ['INVALID_VALUE group is given twice: "a" and "b"']],
    [
      ["run", "a", "b", "c", "bad=1", "linked=2"],
      [
        'UNKNOWN_KEY unknown key "bad"',
        'UNEXPECTED_ARGUMENT one word too many: "c"',
        'INVALID_VALUE linked is "2"',
      ],
    ],
    [
      ["run:demo,one,two,=x"],
      ['UNEXPECTED_ARGUMENT one word too many: "two"', 'UNEXPECTED_ARGUMENT one word too many: "=x"'],
    ],
  ];
  test.each(wrong)("%j", (argv, expected) => {
    const errors = thrownBy(() => told(argv));
    expect(errors.map(({ code, message }) => `${code} ${message}`)).toEqual(expected);
    for (const { exitStatus } of errors) expect(exitStatus).toBe(2);
  });

  const hints: [string[], string][] = [
    [
      ["run", "x", "safemod=1"],
      'did you mean "safemode"? accepted: service, instance, group, conf, instance_type',
    ],
    [["run", "x", "instance_type=mastr"], 'did you mean "master"? accepted: standard, published'],
    [["run", "x", "linked=2"], "accepted: True or False, yes or no, 1 or 0"],
    [
      ["run", "a", "b", "c"],
      "this command takes SERVICE and INSTANCE; everything else as key=value",
    ],
  ];
  test.each(hints)("%j is helped on", (argv, hint) => {
    expect(thrownBy(() => told(argv))[0]?.hint).toStartWith(hint);
  });

  test("a megabyte of it is refused", () => {
    const huge = "x".repeat(1_000_000);
    expect(thrownBy(() => told(["run", "demo", `${huge}=1`, "one", huge]))).toHaveLength(2);
  });
});

test("a boolean does not swallow the word after it, unless that says yes or no", () => {
  expect(told(["run", "--safemode", "demo"])).toEqual({ safemode: true, service: "demo" });
  expect(told(["run", "demo", "--safemode", "no"])).toEqual({ safemode: false, service: "demo" });
});

test("help is a key like any other, -h its short form", () => {
  expect(splitWords(["run", "-h"]).words).toEqual([{ key: "help", value: undefined }]);
  expect(splitWords(["-h"])).toEqual({ command: "-h", words: [], rest: [] });
  expect(splitWords(["--x:y"])).toEqual({ command: "--x:y", words: [], rest: [] });
  expect(splitWords([])).toEqual({ command: undefined, words: [], rest: [] });
});
